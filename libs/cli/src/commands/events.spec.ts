import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { sale, Shop } from '../../test/in-process.js';

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
});
afterEach(() => shop.close());

const json = (text: string): unknown => JSON.parse(text);

describe('gesta events tail', () => {
  const positions = (out: string) =>
    out
      .split('\n')
      .map((line) => /^ *(\d+)/.exec(line)?.[1])
      .filter(Boolean)
      .join(' ');

  it('prints a line for each event, as wide as the terminal', async () => {
    await shop.sell('1', 3);
    const { out } = await shop.gesta('events tail --no-follow', { columns: 90 });
    expect(out).toMatch(
      /^ {7}1 {2}#0 {4}\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ {2}shop\.sold v2 {2}shop\.till-1 {2}{"price":3,.*…\n$/,
    );
    expect(out).toHaveLength(91);
    expect((await shop.gesta('events tail --no-follow')).out).toContain('{"price":3,"currency":"CHF"}\n');
  });

  it('goes over what there is, from where it is told and for as long', async () => {
    await shop.sell('1', 1, 2, 3, 4, 5);
    expect(positions((await shop.gesta('events tail --no-follow')).out)).toBe('1 2 3 4 5');
    expect(positions((await shop.gesta('events tail --no-follow --from 3')).out)).toBe('3 4 5');
    expect(positions((await shop.gesta('events tail --no-follow --from 3 --limit 2')).out)).toBe('3 4');
    expect(positions((await shop.gesta('events tail --from beginning --limit 2')).out)).toBe('1 2');
    expect(await shop.gesta('events tail --no-follow --from now')).toEqual({ code: 0, out: '', err: '' });
    expect(await shop.gesta('events tail --limit 0')).toEqual({ code: 0, out: '', err: '' });
  });

  it('takes types or categories', async () => {
    await shop.record('1', sale({}), { ...sale({}), type: 'shop.opened' }, { ...sale({}), type: 'shop.closed' });
    await shop.events.append('shop.stock-1', [sale({})], { expected: 'any' });
    const shown = async (options: string) => positions((await shop.gesta(`events tail --no-follow ${options}`)).out);
    expect(await shown('--type shop.opened shop.closed')).toBe('2 3');
    expect(await shown('--type shop.opened --type shop.closed')).toBe('2 3');
    expect(await shown('--category shop.stock')).toBe('4');
  });

  it('goes on with what is appended, until it is told to stop', async () => {
    await shop.sell('1', 1);
    const stopping = new AbortController();
    const following = shop.gesta('events tail', { stopping: stopping.signal });
    let isOver = false;
    const ended = shop.gesta('events tail --json --limit 3').finally(() => (isOver = true));
    for (let price = 2; !isOver; price++) await shop.sell('1', price);
    const { code, out } = await ended;
    const shown = out
      .trim()
      .split('\n')
      .map((line) => json(line) as { data: { price: number } });
    expect(code).toBe(0);
    expect(shown).toHaveLength(3);
    expect(shown[0]!.data.price).toBeGreaterThan(1);
    stopping.abort();
    expect(await following).toMatchObject({ code: 0, err: '' });
  });
});
