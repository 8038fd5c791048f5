import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  begun,
  cancelled,
  firstGeneration,
  givenUp,
  isGoingAway,
  MOVES,
  promoted,
  renewed,
  retired,
  standingOf,
  struckOff,
  taken,
  type KeptGenerations,
  type Promotion,
} from './generation-states.js';

const NEVER = '2026-01-01T00:00:00.000Z';

/** Everything that anybody may ask for, with whatever number and epoch, and however long ago they looked. */
const numbers = fc.integer({ min: 1, max: 6 });
const epochs = fc.bigInt({ min: 1n, max: 4n });
const promotions = fc.record<Promotion>({
  number: numbers,
  state: fc.constantFrom('building', 'frozen'),
  from: numbers,
});
const steps = fc.oneof(
  fc.constant((kept: KeptGenerations) => renewed(kept, NEVER)),
  fc.constant((kept: KeptGenerations) => begun(kept, NEVER)),
  fc.tuple(promotions, epochs).map(
    ([run, epoch]) =>
      (kept: KeptGenerations) =>
        promoted(kept, run, epoch),
  ),
  fc.tuple(numbers, epochs).map(
    ([number, epoch]) =>
      (kept: KeptGenerations) =>
        taken(kept, number, epoch),
  ),
  fc.tuple(numbers, epochs).map(
    ([number, epoch]) =>
      (kept: KeptGenerations) =>
        givenUp(kept, number, epoch),
  ),
  numbers.map((number) => (kept: KeptGenerations) => cancelled(kept, number)),
  numbers.map((number) => (kept: KeptGenerations) => struckOff(kept, number)),
  fc.uniqueArray(numbers).map((all) => (kept: KeptGenerations) => retired(kept, all)),
);

const statesIn = ({ generations }: KeptGenerations) => Object.values(generations).map(({ state }) => state);

describe('the states of generations', () => {
  it('change by the table of moves alone, whoever asks for what in whatever order', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 40 }), (asked) => {
        let kept = firstGeneration(1, NEVER);
        const used = new Set([1]);
        for (const step of asked) {
          const before = kept;
          kept = step(before);
          for (const [number, { state }] of Object.entries(before.generations)) {
            const now = kept.generations[number]?.state ?? 'gone';
            if (now !== state) expect(MOVES[state]).toContain(now);
          }
          for (const number of Object.keys(kept.generations).map(Number)) {
            if (before.generations[number]) continue;
            expect(used).not.toContain(number); // a number is never used again
            used.add(number);
          }
          expect(Math.max(...used)).toBeLessThan(kept.next);
          const states = statesIn(kept);
          expect(states.filter((state) => state === 'live').length).toBeLessThanOrEqual(1);
          expect(states.filter((state) => state === 'building').length).toBeLessThanOrEqual(1);
          // Queries are sent to the live one, or the whole version is going away.
          if (kept.generations[kept.live]?.state !== 'live') expect(states).not.toContain('live');
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it('leave the live one alone where a run began with another one live, or does not own its generation any more', () => {
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 20 }), promotions, epochs, (asked, run, epoch) => {
        const kept = asked.reduce((before, step) => step(before), firstGeneration(1, NEVER));
        const after = promoted(kept, run, epoch);
        const last = BigInt(kept.generations[run.number]?.epoch ?? 0);
        if (standingOf(kept, run) !== 'on' || last > epoch) expect(after).toBe(kept);
        else expect(after).toMatchObject({ live: run.number, generations: { [run.from]: { state: 'frozen' } } });
      }),
      { numRuns: 2_000 },
    );
  });

  it('tell a run that another one was faster, or that it was cancelled', () => {
    const run: Promotion = { number: 2, state: 'building', from: 1 };
    const building = begun(firstGeneration(1, NEVER), NEVER);
    expect(standingOf(building, run)).toBe('on');
    expect(standingOf(promoted(building, run, 1n), run)).toBe('overtaken');
    const back = promoted(promoted(building, run, 1n), { number: 1, state: 'frozen', from: 2 }, 1n);
    expect(standingOf(back, run)).toBe('overtaken');
    expect(standingOf(cancelled(building, 2), run)).toBe('cancelled');
    expect(standingOf(struckOff(cancelled(building, 2), 2), run)).toBe('cancelled');
  });

  it('retire a version only when all of its generations are owned by who asks', () => {
    const building = begun(firstGeneration(1, NEVER), NEVER);
    expect(retired(building, [1])).toBe(building);
    const gone = retired(building, [1, 2]);
    expect(statesIn(gone)).toEqual(['dropping', 'cancelled']);
    expect(statesIn(gone).every(isGoingAway)).toBe(true);
    expect(renewed(gone, NEVER)).toMatchObject({ live: 3, generations: { 3: { state: 'live' } } });
  });
});
