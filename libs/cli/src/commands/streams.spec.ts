import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sale, Shop } from '../../test/in-process.js';

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
});
afterEach(() => shop.close());

const json = (text: string): unknown => JSON.parse(text);

describe('gesta streams show', () => {
  it('prints the events whole', async () => {
    await shop.record('1', { ...sale({ price: 3, currency: 'CHF' }), commandId: 'c-1', headers: { userId: 'ada' } });
    await shop.sell('1', 4);
    const { code, out } = await shop.gesta('streams show shop.till-1');
    expect(code).toBe(0);
    expect(out).toMatch(
      /^#0 {2}shop\.sold v2 {2}\S+Z {2}position 1\n {4}id \S+, command c-1\n {4}headers {"userId":"ada"}\n/,
    );
    expect(out).toContain('\n    {\n      "price": 3,\n      "currency": "CHF"\n    }\n\n#1  shop.sold v2');
  });

  it('begins where it is told, goes either way and stops in time', async () => {
    await shop.sell('1', 0, 1, 2, 3, 4);
    const revisions = async (options: string) =>
      (json((await shop.gesta(`streams show shop.till-1 --json ${options}`)).out) as { revision: number }[]).map(
        ({ revision }) => revision,
      );
    expect(await revisions('--from 3')).toEqual([3, 4]);
    expect(await revisions('--limit 2')).toEqual([0, 1]);
    expect(await revisions('--backwards --limit 2')).toEqual([4, 3]);
    expect(await revisions('--backwards --from 1')).toEqual([1, 0]);
    expect(await revisions('--from 9')).toEqual([]);
  });

  it('is one JSON value for machines, with positions as text', async () => {
    await shop.sell('1', 3);
    expect(json((await shop.gesta('streams show shop.till-1 --json')).out)).toEqual([
      {
        position: '1',
        streamId: 'shop.till-1',
        revision: 0,
        id: expect.any(String),
        type: 'shop.sold',
        version: 2,
        recordedAt: expect.stringMatching(/Z$/),
        headers: {},
        data: { price: 3, currency: 'CHF' },
      },
    ]);
  });

  it('lifts events into their present shape when asked, and leaves those it does not know', async () => {
    await shop.record('1', sale({ price: 3 }, 1), { ...sale({ kept: true }), type: 'shop.opened' });
    const { out } = await shop.gesta('streams show shop.till-1 --json --upcast');
    expect(json(out)).toMatchObject([
      { version: 2, data: { price: 3, currency: 'EUR' } },
      { type: 'shop.opened', data: { kept: true } },
    ]);
    expect(json((await shop.gesta('streams show shop.till-1 --json')).out)).toMatchObject([{ version: 1 }, {}]);
  });

  it('ends with 2 when there is no such stream, and names the categories', async () => {
    expect(await shop.gesta('streams show shop.tall-1')).toEqual({
      code: 2,
      out: '',
      err: 'gesta: There is no stream shop.tall-1; the categories known here are shop.till\n',
    });
  });

  it('needs no classes', async () => {
    const bare = new Shop({});
    await bare.sell('1', 3);
    expect(await bare.gesta('streams show shop.till-1')).toMatchObject({ code: 0, err: '' });
    expect(await bare.gesta('streams show shop.till-2')).toMatchObject({
      code: 2,
      err: 'gesta: There is no stream shop.till-2\n',
    });
  });
});
