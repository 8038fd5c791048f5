import { expect, it } from '@jest/globals';
import { inWords, runModel } from './run-model.js';

const RUNS = 200;
/** A machine may have other things to do. */
const WITHIN_MS = 240_000;

it(
  'comes to what its log says, whatever its processes and operators do',
  async () => {
    const { differing, deaths, faults } = await runModel({ runs: RUNS, seed: 1 });
    expect(differing.map(inWords)).toEqual([]);
    expect(deaths).toBeGreaterThan(RUNS / 2);
    expect(faults).toBeGreaterThan(RUNS / 2);
  },
  WITHIN_MS,
);
