import { describe, expect, it } from '@jest/globals';
import { simulatedFate } from './simulated-fate.js';

const times = { packingMs: 0, transitMs: 1_000, lostParcels: 0.25 };
const parcel = (n: number, going: 'out' | 'back' = 'out') => ({
  orderId: `o-${n}`,
  parcelId: 'parcel-1',
  going,
  since: 5_000,
});
const parcels = Array.from({ length: 2_000 }, (_, n) => parcel(n));

describe('What the simulated carrier tells', () => {
  it('is nothing before the parcel is there', () => {
    expect(simulatedFate(parcel(1), times, 5_999)).toEqual([]);
    expect(simulatedFate(parcel(1), times, 6_000)).not.toEqual([]);
  });

  it('is the same whenever it is asked', () => {
    for (const each of parcels) expect(simulatedFate(each, times, 9e9)).toEqual(simulatedFate(each, times, 6_000));
  });

  it('is of every fourth that it is lost, of some twice, and of some what cannot be as well', () => {
    const told = parcels.map((each) => simulatedFate(each, times, 6_000));
    const share = (of: (each: readonly string[]) => boolean) => told.filter(of).length / told.length;
    expect(share(([end]) => end === 'lost')).toBeCloseTo(0.25, 1);
    expect(share((each) => each[0] === each[1])).toBeCloseTo(1 / 3, 1);
    expect(share((each) => new Set(each).size > 1)).toBeGreaterThan(0.02);
  });

  it('is of what was fetched that it is back', () => {
    expect(simulatedFate(parcel(1, 'back'), times, 6_000)).toEqual(['returned']);
  });
});
