import { describe, expect, it } from '@jest/globals';
import { simulatedTimes } from './simulated-times.js';

describe('The simulated carrier’s times', () => {
  it('are short ones when nothing is set', () => {
    expect(simulatedTimes({})).toEqual({ times: { packingMs: 300, transitMs: 1_500, lostParcels: 0 }, problems: [] });
  });

  it('are what the environment says', () => {
    const environment = { MARKETPLACE_PACKING_MS: '0', MARKETPLACE_TRANSIT_MS: '20', MARKETPLACE_LOST_PARCELS: '0.25' };
    expect(simulatedTimes(environment).times).toEqual({ packingMs: 0, transitMs: 20, lostParcels: 0.25 });
  });

  it.each(['soon', '-1', '', '1e9', '999999999'])('are refused by name where one is %j', (text) => {
    const { problems } = simulatedTimes({ MARKETPLACE_TRANSIT_MS: text });
    expect(problems).toEqual([
      `MARKETPLACE_TRANSIT_MS is '${text}': set it to a number from 0 to 86400000, such as 1500`,
    ]);
  });
});
