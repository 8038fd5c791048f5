import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { MemoryEventStore } from '@gesta/core';
import { Shop } from '../../test/in-process.js';
import { until } from '../../../core/test/until.js';

let shop: Shop;
beforeEach(async () => {
  shop = new Shop();
  await shop.sell('1', 3);
  await shop.sell('2', 4);
});
afterEach(() => shop.close());

/** The projection has taken the log, and another one is in its place. */
async function replaced(): Promise<void> {
  const gesta = await shop.open();
  await until('it has taken the log', async () => (await gesta.status())[0]!.lag === 0n);
  await gesta.stop();
  Object.assign(shop, { events: new MemoryEventStore() });
  for (let times = 0; times < 5; times++) await shop.sell('1', 3);
}

describe('gesta readers', () => {
  it('lists what follows the log', async () => {
    const { code, out } = await shop.gesta('readers list --json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual([
      expect.objectContaining({ reader: 'projection.takings.v1.g1', kind: 'projection' }),
      expect.objectContaining({ reader: 'reactor.receipts', position: '0', parked: 0 }),
    ]);
  });

  it('tells which of them do not match the log, as the doctor does', async () => {
    await replaced();
    const { code, out, err } = await shop.gesta('readers list');
    expect(code).toBe(1);
    expect(out).toMatch(/^projection\.takings\.v1\.g1 .*does not match$/m);
    expect(err).toContain('gesta projections rebuild takings');
    const doctor = await shop.gesta('doctor --patience 0');
    expect(doctor.code).toBe(1);
    expect(doctor.out).toMatch(/^WRONG {2}stores .*made from another log.*projections rebuild takings/m);
  });

  it('puts one to another place, and says so before', async () => {
    const would = await shop.gesta('readers reset reactor.receipts --from now --dry-run');
    expect(would).toMatchObject({ code: 0, out: 'reactor.receipts would go on behind position 2.\n' });
    expect(JSON.parse((await shop.gesta('readers list --json')).out)).toContainEqual(
      expect.objectContaining({ reader: 'reactor.receipts', position: '0' }),
    );
    const { code, out } = await shop.gesta('readers reset reactor.receipts --from now');
    expect(code).toBe(0);
    expect(out).toBe(
      'reactor.receipts is to go on behind position 2.\nDone: reactor.receipts goes on behind position 2.\n',
    );
    expect(JSON.parse((await shop.gesta('readers list --json')).out)).toContainEqual(
      expect.objectContaining({ reader: 'reactor.receipts', position: '2' }),
    );
  });

  it.each([
    ['projection.takings --from now', /gesta projections rebuild takings/],
    ['reactor.nothing --from now', /there are: reactor\.receipts/],
    ['reactor.receipts --from yesterday', /'beginning', 'now', 'documents' or a position/],
    ['reactor.receipts', /--from/],
  ])('refuses %s', async (line, message) => {
    const { code, err } = await shop.gesta(`readers reset ${line}`);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringMatching(message) });
  });

  it('refuses a place that the log does not have, or that nothing tells of', async () => {
    expect((await shop.gesta('readers reset reactor.receipts --from 99')).err).toContain('There is no position 99');
    expect(await shop.gesta('readers reset reactor.receipts --from documents')).toMatchObject({ code: 1 });
  });
});
