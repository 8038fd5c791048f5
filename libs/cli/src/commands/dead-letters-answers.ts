import type { DeadLetter, DeadLetters } from '@gesta/core';
import { setTimeout as delay } from 'node:timers/promises';

/** A letter that something was asked for. */
export type Asked = Pick<DeadLetter, 'id' | 'reader' | 'kind' | 'key'>;

/** Its reader has done it: the letter is gone. */
export interface Done extends Asked {
  readonly outcome: 'done';
}

/** It failed again: the letter is there with a new error and nothing asked for. */
export interface FailedAgain extends Asked {
  readonly outcome: 'failed';
  readonly letter: DeadLetter;
}

export type Answer = Done | FailedAgain;

export interface Counts {
  readonly total: number;
  readonly done: number;
  readonly failed: number;
  /** Those that are not answered, which stay asked. */
  readonly asked: number;
}

/** How often is looked whether readers have done what they were asked, in milliseconds. */
const LOOK_EVERY_MS = 100;
/** How many letters are looked up at once. */
const CHUNK = 500;

/** What readers answer, look by look, until there is an answer for each or `stopping` aborts. */
export async function* answersAsTheyCome(
  letters: DeadLetters,
  asked: readonly Asked[],
  stopping: AbortSignal,
): AsyncGenerator<readonly Answer[]> {
  for (let left = asked; ;) {
    const began = performance.now();
    const answers: Answer[] = [];
    const unanswered: Asked[] = [];
    for (let start = 0; start < left.length; start += CHUNK) {
      const some = left.slice(start, start + CHUNK);
      const found = await letters.getAll(some.map(({ id }) => id));
      for (const one of some) {
        const letter = found.get(one.id);
        if (!letter) answers.push({ ...one, outcome: 'done' });
        else if (letter.requested === undefined) answers.push({ ...one, outcome: 'failed', letter });
        else unanswered.push(one);
      }
    }
    left = unanswered;
    yield answers;
    if (left.length === 0 || stopping.aborted) return;
    // Looking for a great many takes its time, and is not to keep the stores busy.
    const pause = Math.max(LOOK_EVERY_MS, 2 * (performance.now() - began));
    await delay(pause, undefined, { signal: stopping }).catch(() => undefined);
  }
}

export function countsOf(asked: readonly Asked[], answers: readonly Answer[]): Counts {
  const done = answers.filter(({ outcome }) => outcome === 'done').length;
  return { total: asked.length, done, failed: answers.length - done, asked: asked.length - answers.length };
}

/** For machines: what became of each letter, without the events. */
export function outcomesOf(asked: readonly Asked[], answers: readonly Answer[]): readonly object[] {
  const byId = new Map(answers.map((answer) => [answer.id, answer]));
  return asked.map((one) => {
    const answer = byId.get(one.id);
    if (answer?.outcome !== 'failed') return { ...one, outcome: answer?.outcome ?? 'asked' };
    const { position, error } = answer.letter;
    return { ...one, outcome: 'failed', position, error: { name: error.name, message: error.message } };
  });
}
