import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyOfState } from './copy-of-state.js';

class State {
  held: unknown;
}

const stateOf = (held: unknown) => Object.assign(new State(), { held });

describe('copyOfState', () => {
  it('copies whatever a state is made of, so that nothing is shared', () => {
    const leaf = fc.oneof(fc.jsonValue(), fc.date(), fc.bigInt(), fc.constant(undefined), fc.constant(Number.NaN));
    const { held } = fc.letrec((tie) => ({
      held: fc.oneof(
        { maxDepth: 4 },
        leaf,
        fc.array(tie('held'), { maxLength: 4 }),
        fc.dictionary(fc.string(), tie('held'), { maxKeys: 4, noNullPrototype: false }),
        fc.array(fc.tuple(fc.string(), tie('held')), { maxLength: 4 }).map((entries) => new Map(entries)),
        fc.array(tie('held'), { maxLength: 4 }).map((elements) => new Set(elements)),
      ),
    }));
    fc.assert(
      fc.property(held, (value) => {
        const state = stateOf(value);
        const copy = copyOfState(state)!;
        expect(copy).toStrictEqual(state);
        const mine = new Set(objectsIn(state));
        for (const object of objectsIn(copy)) expect(mine.has(object)).toBe(false);
      }),
    );
  });

  it('keeps what was one object one object, circles too', () => {
    const line: Record<string, unknown> = { sku: 'tea' };
    line.next = line;
    const copy = copyOfState(stateOf({ first: line, all: [line] }))!;
    const { first, all } = copy.held as { first: typeof line; all: unknown[] };
    expect(all[0]).toBe(first);
    expect(first.next).toBe(first);
    expect(first).not.toBe(line);
  });

  class Hidden {
    #secret = 1;
    reveal() {
      return this.#secret;
    }
  }
  it.each([
    ['a function, which may be bound to the object', () => 1],
    ['an object of another class', new URL('http://localhost')],
    ['a private field', new Hidden()],
    ['an accessor', Object.defineProperty({}, 'a', { get: () => 1, enumerable: true })],
    ['what may not be changed', Object.freeze([1])],
    ['a class of its own map', new (class Own extends Map {})()],
  ])('does not copy %s', (_what, held) => {
    expect(copyOfState(stateOf([held]))).toBeUndefined();
  });

  it('does not copy what holds something out of sight itself', () => {
    expect(copyOfState(new Hidden())).toBeUndefined();
  });
});

function objectsIn(value: unknown, seen = new Set<object>()): Set<object> {
  if (typeof value !== 'object' || value === null || seen.has(value)) return seen;
  seen.add(value);
  if (value instanceof Map || value instanceof Set) for (const inner of value) objectsIn(inner, seen);
  for (const inner of Object.values(value)) objectsIn(inner, seen);
  return seen;
}
