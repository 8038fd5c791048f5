import { DeadLetters } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../core/test/until.js';
import { Shop } from '../../test/in-process.js';
import { fault } from '../../test/shop.mjs';

let shop: Shop;
beforeEach(() => {
  shop = new Shop();
  fault.on = false;
});
afterEach(() => shop.close());

describe('dead letters of a generation that is kept after a rebuild', () => {
  /** @returns the letters' ids, of the kept generation and of the live one */
  async function rebuilt(): Promise<{ kept: string; live: string }> {
    fault.on = true;
    await shop.sell('1', null);
    const gesta = await shop.open();
    const letters = await DeadLetters.open(shop.documents);
    await until('it is parked', async () => (await letters.list()).length === 1);
    expect((await shop.gesta('projections rebuild takings')).code).toBe(0);
    await until('the other one is live', () => gesta.status().then((all) => all.some(({ reader }) => reader.endsWith('.g2')))); // prettier-ignore
    const idOf = async (reader: string) => (await letters.list({ reader }))[0]!.id;
    return { kept: await idOf('projection.takings.v1.g1'), live: await idOf('projection.takings.v1.g2') };
  }

  it.each(['retry', 'skip'])('are not for `%s`, which says what to do with them', async (command) => {
    const { kept } = await rebuilt();
    const { code, err } = await shop.gesta(`dead-letters ${command} ${kept} --wait`);
    expect(code).toBe(2);
    expect(err).toContain('gesta projections rollback takings');
    expect(err).toContain('gesta projections prune takings');
  });

  it('are left alone when all are taken again', async () => {
    const { kept } = await rebuilt();
    fault.on = false;
    const { code, out, err } = await shop.gesta('dead-letters retry --all --wait');
    expect({ code, out }).toEqual({ code: 0, out: '1 of 1 dead letter done.\n' });
    expect(err).toContain('projection.takings.v1.g1 is of a generation that is kept');
    expect((await shop.gesta('dead-letters list --json')).out).toContain(kept);
  });

  it('are marked in the list, and are nothing that the doctor minds', async () => {
    const { live } = await rebuilt();
    expect((await shop.gesta('dead-letters list', { columns: 160 })).out).toContain('projection.takings.v1.g1 (kept)');
    expect((await shop.gesta('doctor')).out).toMatch(/WRONG +dead letters +1, and 1 of kept generations: see/);
    fault.on = false;
    await shop.gesta(`dead-letters retry ${live} --wait`);
    expect((await shop.gesta('doctor')).out).toMatch(/ok +dead letters +0, and 1 of kept generations\n/);
  });
});
