import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ANSWER_WINDOW, KnownAnswers } from './known-answers.js';

const at = (revision: number) => ({ revision, position: BigInt(10 * revision + 1) });

function after(commands: number): KnownAnswers {
  const answers = new KnownAnswers();
  for (let n = 0; n < commands; n++) answers.remember(`command ${n}`, at(n));
  return answers;
}

describe('KnownAnswers', () => {
  it('knows the place of the outcome of a command, and none of one it has not heard of', () => {
    const answers = new KnownAnswers();
    answers.remember('a', at(3));
    expect(answers.placesOf('a')).toEqual([at(3)]);
    expect(answers.placesOf('b')).toEqual([]);
  });

  it('knows the place of the last event of a command that led to several', () => {
    const answers = new KnownAnswers();
    answers.remember('a', at(3));
    answers.remember('a', at(4));
    expect(answers.placesOf('a')).toEqual([at(4)]);
    expect(answers.size).toBe(1);
  });

  it('remembers the latest thousand commands, and says up to where it knows of all', () => {
    const answers = after(ANSWER_WINDOW + 1);
    expect(ANSWER_WINDOW).toBe(1_000);
    expect(answers.placesOf('command 0')).toEqual([]);
    expect(answers.placesOf('command 1')).toEqual([at(1)]);
    expect([answers.size, answers.completeAfter]).toEqual([1_000, at(0).position]);
    expect(after(ANSWER_WINDOW).completeAfter).toBe(0n);
  });

  it('reaches back to what was forgotten, and remembers twice as many from then on', () => {
    const answers = after(1_500);
    const older = Array.from({ length: 500 }, (_, n) => ({ commandId: `command ${n}`, ...at(n) }));
    answers.reachBack(older.slice(200), at(199).position);
    expect([answers.size, answers.completeAfter]).toEqual([1_300, at(199).position]);
    expect(answers.placesOf('command 200')).toEqual([at(200)]);
    expect(answers.placesOf('command 1499')).toEqual([at(1_499)]);
    for (let n = 1_500; n < 2_800; n++) answers.remember(`command ${n}`, at(n));
    expect(answers.completeAfter).toBe(at(199).position);
    answers.remember('command 2800', at(2_800));
    expect(answers.completeAfter).toBe(at(200).position);
  });

  it('is saved as some bytes for each of the latest thousand, and restored from them', () => {
    const answers = after(1_100);
    const saved = JSON.parse(JSON.stringify(answers.saved())) as ReturnType<KnownAnswers['saved']>;
    expect(saved.places.length).toBeLessThanOrEqual(16 * ANSWER_WINDOW);
    const restored = KnownAnswers.restored(saved, at(1_099).position);
    expect(restored.completeAfter).toBe(at(99).position);
    expect(restored.placesOf('command 99')).toEqual([]);
    expect(restored.placesOf('command 100')[0]!.revision).toBe(100);
    restored.remember('another', at(1_100));
    // Where the oldest one was is not saved: that it was no later than the rest is certain.
    expect(restored.completeAfter).toBe(at(1_099).position);
  });

  it('knows what a map would know of the latest commands, whatever came', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_500), { minLength: 1_000, maxLength: 4_000 }), (ids) => {
        const answers = new KnownAnswers();
        const last = new Map<string, number>();
        ids.forEach((id, revision) => {
          answers.remember(`c${id}`, at(revision));
          last.set(`c${id}`, revision);
        });
        for (const [id, revision] of last) {
          const [place] = answers.placesOf(id);
          if (place) expect(place).toEqual(at(revision));
          else expect(at(revision).position).toBeLessThanOrEqual(answers.completeAfter);
        }
      }),
      { numRuns: 3 },
    );
  });
});
