import { describe, expect, it } from '@jest/globals';
import { ANSWER_WINDOW, KnownAnswers } from './known-answers.js';

describe('KnownAnswers', () => {
  it('gives the answer to a command, and none to one it has not heard of', () => {
    const answers = new KnownAnswers();
    answers.remember('a', { revision: 3, position: 40n });
    expect(answers.get('a')).toEqual({ revision: 3, position: 40n });
    expect(answers.get('b')).toBeUndefined();
  });

  it('gives the place of the last event of a command that led to several', () => {
    const answers = new KnownAnswers();
    answers.remember('a', { revision: 3, position: 40n });
    answers.remember('a', { revision: 4, position: 41n });
    expect([...answers.entries()]).toEqual([['a', { revision: 4, position: 41n }]]);
  });

  it('holds on to no more of an event than the answer', () => {
    const answers = new KnownAnswers();
    answers.remember('a', { revision: 3, position: 40n, data: 'much' } as { revision: number; position: bigint });
    expect(answers.get('a')).toStrictEqual({ revision: 3, position: 40n });
  });

  it('remembers the latest thousand commands', () => {
    const answers = new KnownAnswers();
    for (let n = 0; n <= ANSWER_WINDOW; n++) answers.remember(`command ${n}`, { revision: n, position: BigInt(n) });
    expect(ANSWER_WINDOW).toBe(1_000);
    expect(answers.get('command 0')).toBeUndefined();
    expect(answers.get('command 1')).toEqual({ revision: 1, position: 1n });
    expect([...answers.entries()]).toHaveLength(1_000);
  });

  it('counts a command by its last event', () => {
    const answers = new KnownAnswers();
    answers.remember('long', { revision: 0, position: 0n });
    for (let n = 1; n < ANSWER_WINDOW; n++) answers.remember(`command ${n}`, { revision: n, position: BigInt(n) });
    answers.remember('long', { revision: 1_000, position: 1_000n });
    answers.remember('another', { revision: 1_001, position: 1_001n });
    expect(answers.get('long')).toEqual({ revision: 1_000, position: 1_000n });
    expect(answers.get('command 1')).toBeUndefined();
  });
});
