import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Shop } from '../../test/in-process.js';
import { fault, Takings } from '../../test/shop.mjs';
import { until } from '../../../core/test/until.js';
import type { Gesta } from '@gesta/core';

// The application knows the projection `takings`; the configuration does not any more.
let shop: Shop;
let gesta: Gesta;
beforeEach(async () => {
  fault.on = true;
  shop = new Shop({});
  await shop.sell('1', 3);
  await shop.sell('2', null);
  gesta = await shop.open();
  await until('it has taken the log, and parked one', async () => {
    const [status] = await gesta.status();
    return status!.lag === 0n && status!.parked === 1;
  });
});
afterEach(() => shop.close());

/** As something that the configuration cannot name has left it. */
async function leave(reader: string): Promise<void> {
  const checkpoints = await shop.documents.collection('gesta.checkpoints');
  await checkpoints.put([{ key: reader, version: 1n, body: {} }]);
}

const READER = 'projection.takings.v1.g1';

describe('A checkpoint that bears no name of a projection, process manager, reactor or inbox', () => {
  it('is named by the doctor, and dropped alone: the collection of its name is somebody else’s', async () => {
    await gesta.stop();
    await leave('ledger-export');
    await leave('projection.takings-by-hand');
    await (await shop.documents.collection('ledger-export')).put([{ key: '1', version: 1n, body: {} }]);
    expect((await shop.gesta('doctor --patience 0')).out).toContain(
      'not in the configuration: ledger-export, projection.takings, projection.takings-by-hand; ',
    );
    for (const name of ['ledger-export', 'projection.takings-by-hand']) {
      expect(await shop.gesta(`remains drop ${name}`)).toMatchObject({ code: 0 });
    }
    expect(JSON.parse((await shop.gesta('remains list --json')).out)).toMatchObject([{ name: 'projection.takings' }]);
    expect(await shop.documents.collections()).toContain('ledger-export');
  });
});

describe('What is kept of a projection that was renamed', () => {
  it('is listed, and named by the doctor', async () => {
    await gesta.stop();
    const { code, out } = await shop.gesta('remains list --json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      { name: 'projection.takings', readers: [READER], collections: [READER], parked: 1 },
    ]);
    expect((await shop.gesta('doctor --patience 0')).out).toMatch(
      /^ok {5}remains {8}not in the configuration: projection\.takings; /m,
    );
  });

  it('is dropped, with its dead letters; the name may be used again', async () => {
    await gesta.stop();
    expect(await shop.gesta('projections drop takings')).toMatchObject({
      code: 0,
      out: 'projection.takings is dropped: 1 reader, 1 collection, 1 dead letter.\n',
    });
    expect(await shop.documents.collections()).not.toContain(READER);
    expect((await shop.gesta('remains list --json')).out).toBe('[]\n');
    expect((await shop.gesta('dead-letters list --json')).out).toBe('[]\n');
    fault.on = false;
    const again = await shop.open();
    await until('it has taken the log', async () => (await again.status())[0]!.lag === 0n);
  });

  it('is not dropped while a process runs its code', async () => {
    const { code, err } = await shop.gesta('remains drop projection.takings');
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('projection.takings is in use') });
    expect((await gesta.status())[0]).toMatchObject({ lag: 0n, parked: 1 });
  });

  it('is not dropped where the configuration lists it, nor under a name that is not there', async () => {
    const listed = new Shop({ projections: [Takings] });
    expect(await listed.gesta('projections drop takings')).toMatchObject({ code: 1 });
    const { code, err } = await shop.gesta('remains drop process.takings');
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining('there are: projection.takings') });
  });
});
