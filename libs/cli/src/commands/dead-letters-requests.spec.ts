import { DeadLetters, type DeadLetter, type RecordedEvent } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../core/test/until.js';
import { Shop, type Ended } from '../../test/in-process.js';
import { fault } from '../../test/shop.mjs';

const READER = 'projection.takings.v1.g1';
const TILLS = ['1', '2', '3', '4', '5', '6', '7'];

let shop: Shop;
let letters: DeadLetters;
beforeEach(async () => {
  shop = new Shop();
  letters = await DeadLetters.open(shop.documents);
  fault.on = false;
});
afterEach(() => shop.close());

const json = (text: string): unknown => JSON.parse(text);

describe('gesta dead-letters retry and skip, of several', () => {
  /** Has a sale of each till parked by an application that goes on running. */
  async function parked(...tills: string[]): Promise<string[]> {
    fault.on = true;
    for (const till of tills) await shop.sell(till, null);
    const gesta = await shop.open();
    await until('they are parked', async () => (await gesta.deadLetters.list()).length === tills.length);
    const found = await gesta.deadLetters.list();
    return tills.map((till) => found.find(({ key }) => key === till)!.id);
  }

  /** Parks something for a reader that does not run. */
  async function parkedFor(reader: string, kind: DeadLetter['kind'], ...keys: string[]): Promise<string[]> {
    const event: RecordedEvent = {
      id: 'e',
      streamId: 'shop.till-1',
      revision: 0,
      position: 1n,
      type: 'shop.sold',
      version: 2,
      data: { price: null },
      headers: {},
      commandId: undefined,
      recordedAt: new Date(0),
    };
    const unfit = keys.map((key) => ({ key, event, error: new Error('The printer is off'), attempts: 3 }));
    return (await letters.park(reader, kind, unfit, undefined)).map(({ id }) => id);
  }

  const requested = async () => (await letters.list()).filter((letter) => letter.requested !== undefined);

  describe.each(['retry', 'skip'])('%s', (command) => {
    it.each([
      ['', 'Which ones?'],
      ['x --all', 'either ids or --all'],
      ['x --reader reactor.receipts', '--reader goes with --all'],
    ])("ends with 2 when it is called with '%s', and asks for nothing", async (args, said) => {
      await parkedFor('reactor.receipts', 'key', 'a', 'b');
      const { code, out, err } = await shop.gesta(`dead-letters ${command} ${args}`.trim());
      expect({ code, out }).toEqual({ code: 2, out: '' });
      expect(err).toMatch(/^gesta: /);
      expect(err).toContain(said);
      expect(await requested()).toEqual([]);
    });

    it('asks for none when one of the ids is unknown', async () => {
      const [id] = await parkedFor('reactor.receipts', 'key', 'a');
      const { code, err } = await shop.gesta(`dead-letters ${command} ${id} x y`);
      expect({ code, err }).toEqual({ code: 2, err: `gesta: There is no dead letter x, y. There are:\n  ${id}\n` });
      expect(await requested()).toEqual([]);
    });

    it('asks for those that are named', async () => {
      const [a, b] = await parkedFor('reactor.receipts', 'key', 'a', 'b', 'c');
      const [s] = await parkedFor('reactor.receipts', 'stream', 's');
      expect(await shop.gesta(`dead-letters ${command} ${a} ${b} ${s} ${a}`)).toEqual({
        code: 0,
        out: `reactor.receipts is asked to ${command} 2 keys and 1 stream.\n`,
        err: '',
      });
      expect((await requested()).map((letter) => [letter.key, letter.requested]).sort()).toEqual([
        ['a', command],
        ['b', command],
        ['s', command],
      ]);
    });

    it('asks for one at the position that it is given with it, and ends with 2 when it is about another one', async () => {
      const [a] = await parkedFor('reactor.receipts', 'key', 'a');
      const { code, err } = await shop.gesta(`dead-letters ${command} ${a}@7`);
      const said = `gesta: Dead letter ${a} is about position 1 by now, not 7. Look at it again\n`;
      expect({ code, err }).toEqual({ code: 2, err: said });
      expect(await requested()).toEqual([]);
      expect(await shop.gesta(`dead-letters ${command} ${a}@1`)).toMatchObject({ code: 0, err: '' });
      expect(await requested()).toMatchObject([{ key: 'a', requested: command }]);
    });

    it('asks for all of a reader, and of no other one', async () => {
      await parkedFor('reactor.receipts', 'key', 'a', 'b');
      await parkedFor('reactor.others', 'key', 'a');
      const { code, out } = await shop.gesta(`dead-letters ${command} --all --reader reactor.receipts --json`);
      expect(code).toBe(0);
      expect(json(out)).toMatchObject({
        requested: command,
        total: 2,
        done: 0,
        failed: 0,
        asked: 2,
        outcomes: [
          { reader: 'reactor.receipts', kind: 'key', outcome: 'asked' },
          { reader: 'reactor.receipts', kind: 'key', outcome: 'asked' },
        ],
      });
      expect((await requested()).map(({ reader }) => reader)).toEqual(['reactor.receipts', 'reactor.receipts']);
    });

    it('ends with 2 when there is no such reader, and well when it has nothing parked', async () => {
      const all = (reader: string) => shop.gesta(`dead-letters ${command} --all --reader ${reader}`);
      expect(await all('receipts')).toMatchObject({ code: 2, err: expect.stringContaining('no reader receipts') });
      expect(await all('reactor.receipts --wait')).toEqual({ code: 0, out: 'There are no dead letters.\n', err: '' });
    });

    it('tells of one that is named twice as of one', async () => {
      const [id] = await parkedFor('reactor.receipts', 'key', 'a');
      const { out } = await shop.gesta(`dead-letters ${command} ${id} ${id} --json`);
      expect(json(out)).toEqual({ id, requested: command, outcome: 'asked' });
    });
  });

  it('retries all of every reader', async () => {
    await parkedFor('reactor.receipts', 'key', 'a', 'b');
    await parkedFor('reactor.others', 'key', 'a');
    const { code, out } = await shop.gesta('dead-letters retry --all');
    expect(code).toBe(0);
    expect(out.split('\n').sort()).toEqual([
      '',
      'reactor.others is asked to retry 1 key.',
      'reactor.receipts is asked to retry 2 keys.',
    ]);
    expect(await requested()).toHaveLength(3);
  });

  it('skips all of every reader only when it is told that in so many words', async () => {
    await parkedFor('reactor.receipts', 'key', 'a', 'b');
    await parkedFor('reactor.others', 'key', 'a');
    const { code, err } = await shop.gesta('dead-letters skip --all');
    expect(code).toBe(2);
    expect(err).toBe(
      'gesta: What is skipped is left out for good. Say of which reader with --reader <name>, or --every-reader if it is to be all of them.\n',
    );
    expect(await shop.gesta('dead-letters skip --all --every-reader --reader reactor.others')).toMatchObject({
      code: 2,
    });
    expect(await requested()).toEqual([]);
    expect(await shop.gesta('dead-letters skip --all --every-reader')).toMatchObject({ code: 0 });
    expect(await requested()).toHaveLength(3);
  });

  it('waits until all are done, and says how it gets on', async () => {
    await parked(...TILLS);
    fault.on = false;
    const { code, out, err } = await shop.gesta(`dead-letters retry --all --reader ${READER} --wait`);
    expect({ code, out }).toEqual({ code: 0, out: '7 of 7 dead letters done.\n' });
    expect(err).toMatch(/^( *\d+% \d of 7 dead letters done\n)*100% 7 of 7 dead letters done\n$/);
    expect(await letters.list()).toEqual([]);
  });

  it('shows a bar on a terminal', async () => {
    await parked(...TILLS);
    fault.on = false;
    const { err } = await shop.gesta('dead-letters retry --all --wait', { columns: 100 });
    expect(err).toMatch(/█{24} 100% {2}7 of 7 dead letters done/);
  });

  it('ends with 1 when some have failed again, and tells of the first of these', async () => {
    const ids = await parked(...TILLS);
    const { code, out, err } = await shop.gesta(`dead-letters retry ${ids.join(' ')} --wait`);
    expect({ code, out }).toEqual({ code: 1, out: '0 of 7 dead letters done, 7 failed again.\n' });
    const told = err.split('\n').filter((line) => /^ {2}\S/.test(line) && !line.includes('%'));
    expect(told).toHaveLength(7 - 1);
    expect(told.slice(0, 5).every((line) => line.endsWith('Error: It has no price\\u001b[31m'))).toBe(true);
    expect(told[5]).toBe('  2 more: see `gesta dead-letters list`.');
    for (const [index, id] of ids.slice(0, 5).entries())
      expect(err).toContain(`  ${id}  key ${TILLS[index]} of ${READER} at position ${index + 1}: Error`);
  });

  it('tells machines what became of each', async () => {
    const ids = await parked('1', '2', '3');
    await shop.sell('2', null);
    const outcomesOf = ({ out }: Ended) => json(out) as { outcomes: { outcome: string }[] };
    const { code, ...skipped } = await shop.gesta(`dead-letters skip --all --reader ${READER} --wait --json`);
    expect(code).toBe(1); // the second poison one of a till is left
    const told = outcomesOf({ code, ...skipped });
    expect(told).toMatchObject({ requested: 'skip', total: 3, done: 2, failed: 1, asked: 0 });
    expect(told.outcomes.find(({ outcome }) => outcome === 'failed')).toEqual({
      id: ids[1],
      reader: READER,
      kind: 'key',
      key: '2',
      outcome: 'failed',
      position: '4',
      error: { name: 'Error', message: 'It has no price\u001b[31m' },
    });
    expect(skipped.err).toBe('');
  });

  it('stops waiting when it is told to, and what is not done stays asked', async () => {
    const ids = await parked('1', '2');
    const [other] = await parkedFor('reactor.receipts', 'key', 'a');
    fault.on = false;
    const stopping = new AbortController();
    const waiting = shop.gesta(`dead-letters retry ${[...ids, other].join(' ')} --wait`, { stopping: stopping.signal });
    await until('the others are done', async () => (await letters.list()).length === 1);
    stopping.abort();
    const { code, out, err } = await waiting;
    expect({ code, out }).toEqual({ code: 130, out: '2 of 3 dead letters done.\n' });
    expect(err).toContain('What is not done yet stays asked.');
    expect(await requested()).toMatchObject([{ id: other, requested: 'retry' }]);
  });
});
