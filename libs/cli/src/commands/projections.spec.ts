import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../../test/in-process.js';
import { fault } from '../../test/shop.mjs';

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  fault.on = false;
});
afterEach(() => shop.close());

const json = (text: string): unknown => JSON.parse(text);

describe('gesta projections', () => {
  it('lists them, and tells of their generations', async () => {
    await shop.sell('1', 3);
    expect((await shop.gesta('projections list')).out).toBe(
      'PROJECTION  VERSION  LIVE  BEHIND  OTHER GENERATIONS\ntakings     1        1     1\n',
    );
    await shop.gesta('projections rebuild takings');
    expect((await shop.gesta('projections list')).out).toContain('takings     1        2     0       1 kept\n');
    const status = json((await shop.gesta('projections status takings --json')).out);
    expect(status).toMatchObject({
      name: 'takings',
      live: 2,
      lag: '0',
      generations: [
        { number: 1, state: 'frozen', position: '0' },
        { number: 2, state: 'live', position: '1', parked: 0 },
      ],
    });
    const { out } = await shop.gesta('projections status');
    expect(out).toMatch(/^takings +1 +1 +kept +0 +1 +0 +20\S+Z$/m);
    expect(out).toMatch(/^takings +1 +2 +live +1 +0 +0 +20\S+Z$/m);
  });

  it('says where to list them when there are none', async () => {
    const { code, err } = await new Shop({}).gesta('projections list');
    expect(code).toBe(0);
    expect(err).toContain('list them under `projections` in /shop/gesta.config.js');
  });

  it.each(['status', 'rebuild', 'cancel', 'rollback', 'prune'])(
    'ends with 2 when %s names one that there is not',
    async (command) => {
      const { code, err } = await shop.gesta(`projections ${command} taking`);
      expect({ code, err }).toEqual({ code: 2, err: "gesta: There is no projection 'taking'; there are: takings\n" });
    },
  );

  it('rebuilds, goes back and drops what is not needed', async () => {
    await shop.sell('1', 3, 4);
    const rebuilt = await shop.gesta('projections rebuild takings');
    expect(rebuilt.code).toBe(0);
    expect(rebuilt.out).toMatch(/^Generation 2 of takings is live: 2 events in \d+\.\d s, [\d,]+\/s\.\n$/);
    expect(rebuilt.err).toMatch(/^takings, from \S+ into \S+:\n/);
    expect(rebuilt.err).toMatch(/^100% 2 events/m);
    const back = json((await shop.gesta('projections rollback takings --json')).out);
    expect(back).toMatchObject({ projection: 'takings', generation: 1, outcome: 'switched', events: 2 });
    expect((await shop.gesta('projections prune takings')).out).toBe('1 generation of takings dropped: 2.\n');
    expect(json((await shop.gesta('projections prune takings --json')).out)).toEqual({
      projection: 'takings',
      dropped: [],
    });
    expect(await shop.gesta('projections rollback takings')).toMatchObject({
      code: 1,
      err: 'gesta: takings has no generation before the live one\n',
    });
  });

  it('stops when it is told to, and says how to go on', async () => {
    await shop.sell('1', 3);
    const { code, out, err } = await shop.gesta('projections rebuild takings', { stopping: AbortSignal.abort() });
    expect({ code, out }).toEqual({ code: 130, out: '' });
    expect(err).toContain('Running `gesta projections rebuild takings` again goes on from there.');
    expect(await shop.gesta('projections cancel takings')).toMatchObject({
      code: 0,
      out: 'The rebuild of takings is cancelled.\n',
    });
    expect(await shop.gesta('projections cancel takings')).toMatchObject({
      code: 1,
      err: 'No rebuild of takings is under way.\n',
    });
  });

  it('does not make live what has parked keys, and ends with 1', async () => {
    await shop.sell('1', null);
    fault.on = true;
    const { code, err } = await shop.gesta('projections rebuild takings');
    expect(code).toBe(1);
    expect(err).toContain('Generation 2 of takings is not live: 1 key parked. See `gesta dead-letters list`');
    expect(json((await shop.gesta('projections rebuild takings --json')).out)).toMatchObject({ outcome: 'parked' });
  });

  it('tells of the documents of earlier versions, and drops them when asked to', async () => {
    const generations = await shop.documents.collection('gesta.generations');
    const body = { live: 1, next: 2, generations: { 1: { state: 'live', createdAt: '' } } };
    await generations.put([{ key: 'takings.v0', version: 1n, body }]);
    await shop.documents.collection('projection.takings.v0.g1');
    const { err } = await shop.gesta('projections status');
    expect(err).toBe(
      'takings has documents of 1 earlier version too (0): `gesta projections prune takings --earlier-versions` drops them.\n',
    );
    expect((await shop.gesta('projections prune takings')).out).toBe(
      'takings has no generation beside the live one.\n',
    );
    expect((await shop.gesta('projections prune takings --earlier-versions')).out).toBe(
      '1 earlier version of takings dropped: 0.\n',
    );
    expect(await shop.documents.collections()).not.toContain('projection.takings.v0.g1');
    expect(json((await shop.gesta('projections prune takings --earlier-versions --json')).out)).toEqual({
      projection: 'takings',
      dropped: [],
      versions: [],
    });
  });
});
