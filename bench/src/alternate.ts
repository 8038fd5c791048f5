import { median } from './statistics.js';

/** Measures once and gives the number that was found. */
export type Measure = () => number | Promise<number>;

/**
 * Measures both sides in turns, each going first every other time, so that whatever else the machine does meets both.
 * One round that is not counted comes first, for the compiler and the caches.
 * @param rounds how many are counted
 * @param tell hears how far it is
 * @returns the medians
 */
export async function alternate(
  rounds: number,
  ours: Measure,
  floor: Measure,
  tell: (text: string) => void,
): Promise<{ ours: number; floor: number }> {
  const found = { ours: [] as number[], floor: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    tell(round === 0 ? 'warming up' : `round ${round} of ${rounds}`);
    const sides = [
      ['ours', ours],
      ['floor', floor],
    ] as const;
    for (const [side, measure] of round % 2 === 0 ? sides : sides.toReversed()) {
      const value = await measure();
      if (round > 0) found[side].push(value);
    }
  }
  return { ours: median(found.ours), floor: median(found.floor) };
}
