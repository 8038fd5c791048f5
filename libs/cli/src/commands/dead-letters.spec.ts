import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../../test/in-process.js';
import { fault } from '../../test/shop.mjs';
import { until } from '../../../core/test/until.js';

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  fault.on = false;
});
afterEach(() => shop.close());

const json = (text: string): unknown => JSON.parse(text);

describe('gesta dead-letters', () => {
  /** Has a sale parked by an application that goes on running. */
  async function parked(): Promise<string> {
    fault.on = true;
    await shop.sell('1', null);
    const gesta = await shop.open();
    await until('it is parked', async () => (await gesta.deadLetters.list()).length === 1);
    return (await gesta.deadLetters.list())[0]!.id;
  }

  it('lists them', async () => {
    expect(await shop.gesta('dead-letters list')).toEqual({ code: 0, out: 'There are no dead letters.\n', err: '' });
    const id = await parked();
    const { out } = await shop.gesta('dead-letters list', { columns: 140 });
    expect(out).toMatch(/^ID +READER +PARKED +POSITION +ATTEMPTS +ASKED +ERROR\n/);
    expect(out).toContain(`${id}  projection.takings.v1.g1  key 1   1         3`);
    expect(json((await shop.gesta('dead-letters list --json')).out)).toMatchObject([{ id, position: '1' }]);
  });

  it('does not let what is in an error steer the terminal', async () => {
    const id = await parked();
    for (const command of ['list', `show ${id}`]) {
      const { out } = await shop.gesta(`dead-letters ${command}`);
      expect(out).toContain('It has no price\\u001b[31m');
      expect(out).not.toContain('\u001b');
    }
  });

  it('lists those of one reader, and names the readers when there is no such one', async () => {
    await parked();
    const of = (reader: string) => shop.gesta(`dead-letters list --reader ${reader}`);
    expect((await of('projection.takings.v1.g1')).out).toContain('key 1');
    expect(await of('reactor.receipts')).toMatchObject({ code: 0, out: 'There are no dead letters.\n' });
    expect(await of('receipts')).toEqual({
      code: 2,
      out: '',
      err: 'gesta: There is no reader receipts. There are:\n  projection.takings.v1.g1\n  reactor.receipts\n',
    });
  });

  it('lists no more than it is told, the oldest first', async () => {
    fault.on = true;
    const gesta = await shop.open();
    for (const till of ['9', '5', '7']) {
      await shop.sell(till, null);
      await until('it is parked', async () => (await gesta.deadLetters.list()).some(({ key }) => key === till));
    }
    const { out, err } = await shop.gesta('dead-letters list --limit 2 --json');
    const [first, second] = json(out) as { key: string; parkedAt: string }[];
    expect(first!.parkedAt <= second!.parkedAt).toBe(true);
    expect(err).toBe('1 more: see --limit.\n');
  });

  it('shows one whole', async () => {
    const id = await parked();
    const { out } = await shop.gesta(`dead-letters show ${id}`);
    expect(out).toContain(`${id}\nreader    projection.takings.v1.g1\nparked    key 1, from position 1 on`);
    expect(out).toContain('event     shop.sold v2, revision 0 of shop.till-1');
    expect(out).toContain('    {\n      "price": null,');
    expect(out).toMatch(/\n {8}at Takings\.sold/);
    expect(json((await shop.gesta(`dead-letters show ${id} --json --upcast`)).out)).toMatchObject({
      id,
      event: { version: 2, data: { price: null, currency: 'CHF' } },
    });
  });

  it.each(['show', 'retry', 'skip'])(
    'ends with 2 when there is none to %s, and names those there are',
    async (command) => {
      expect(await shop.gesta(`dead-letters ${command} x`)).toMatchObject({
        code: 2,
        err: 'gesta: There is no dead letter x; there are none\n',
      });
      const id = await parked();
      expect(await shop.gesta(`dead-letters ${command} x`)).toMatchObject({
        code: 2,
        err: `gesta: There is no dead letter x. There are:\n  ${id}\n`,
      });
    },
  );

  it('only asks the reader, which does it', async () => {
    const id = await parked();
    fault.on = false;
    const { code, out } = await shop.gesta(`dead-letters retry ${id}`);
    expect({ code, out }).toEqual({ code: 0, out: 'projection.takings.v1.g1 is asked to retry the key 1.\n' });
    await until('it is done', async () => (await shop.gesta('dead-letters list --json')).out === '[]\n');
  });

  it('waits until it is done', async () => {
    const id = await parked();
    fault.on = false;
    expect(await shop.gesta(`dead-letters retry ${id} --wait`)).toEqual({
      code: 0,
      out: 'Done: the key 1 goes on in projection.takings.v1.g1.\n',
      err: '',
    });
  });

  it('waits until it has failed again, and ends with 1', async () => {
    const id = await parked();
    const { code, err } = await shop.gesta(`dead-letters retry ${id} --wait`);
    expect(code).toBe(1);
    expect(err).toBe('It failed again at position 1: Error: It has no price\\u001b[31m\n');
    expect(json((await shop.gesta(`dead-letters retry ${id} --wait --json`)).out)).toMatchObject({
      outcome: 'failed',
      letter: { id, attempts: 9 },
    });
  });

  it('has an event left out, which stays so', async () => {
    const id = await parked();
    await shop.sell('1', 5);
    expect(await shop.gesta(`dead-letters skip ${id} --wait --json`)).toMatchObject({
      code: 0,
      out: `{"id":"${id}","requested":"skip","outcome":"done"}\n`,
    });
    expect(await shop.gesta('dead-letters list --json')).toMatchObject({ out: '[]\n' });
  });

  it('stops waiting when it is told to, and what was asked stays asked', async () => {
    const id = await parked();
    await shop.close();
    const stopping = new AbortController();
    const waiting = shop.gesta(`dead-letters retry ${id} --wait`, { stopping: stopping.signal });
    await until('it is asked', async () =>
      (await shop.gesta(`dead-letters show ${id}`)).out.includes('asked to retry'),
    );
    stopping.abort();
    expect(await waiting).toMatchObject({ code: 130, out: '' });
    expect((await shop.gesta('dead-letters list')).out).toContain('retry');
  });
});
