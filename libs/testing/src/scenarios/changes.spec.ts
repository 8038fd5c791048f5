import { describe, expect, it } from '@jest/globals';
import { inWords, leavingAlone } from './changes.js';

const changeIn = <T extends object>(value: T, work: (value: T) => unknown): string => {
  try {
    leavingAlone(
      value,
      () => work(value),
      (change) => new Error(inWords(change)),
    );
  } catch (error) {
    return (error as Error).message;
  }
  return 'nothing';
};

describe('leavingAlone', () => {
  it('gives what the work gives', () => {
    expect(
      leavingAlone(
        {},
        () => 5,
        () => new Error(),
      ),
    ).toBe(5);
  });

  it('sees nothing where nothing was changed', () => {
    class Money {
      readonly amount = 5;
    }
    const value = {
      money: new Money(),
      at: new Date(0),
      call: () => 1,
      pattern: /x/,
      bytes: new Uint8Array([1, 2]),
      map: new Map<unknown, unknown>([[{ a: 1 }, new Set([1])]]),
      none: null,
      symbol: Symbol('s'),
      big: 1n,
      nan: NaN,
      circle: undefined as unknown,
      ['__proto__']: 1,
    };
    value.circle = value;
    expect(changeIn(value, () => undefined)).toBe('nothing');
    expect(changeIn(value, () => (value.nan = Number('x')))).toBe('nothing');
  });

  it('names the first field that was changed, however deep', () => {
    expect(changeIn({ a: [{ b: 1 }, { b: 2 }] }, ({ a }) => (a[1]!.b = 3))).toBe('a[1].b from 2 to 3');
    expect(changeIn({ a: [1, 2] }, ({ a }) => a.reverse())).toBe('a[0] from 1 to 2');
    expect(changeIn({ a: { b: 'x' } as object }, (value) => (value.a = []))).toBe("a from { b: 'x' } to []");
    expect(changeIn({ a: 1 } as { a?: number }, (value) => delete value.a)).toBe('a from 1 to undefined');
    expect(changeIn({ a: new Set([1]) }, ({ a }) => a.add(2))).toBe('a from Set(1) { 1 } to Set(2) { 1, 2 }');
    expect(changeIn({ a: new Uint8Array(1) }, ({ a }) => a.fill(7))).toBe(
      'a from Uint8Array(1) [ 0 ] to Uint8Array(1) [ 7 ]',
    );
    expect(changeIn({ a: new Date(0) }, ({ a }) => a.setTime(1))).toBe(
      'a from 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:00.001Z',
    );
  });

  it('names the field in a value that goes round in a circle', () => {
    const value = { self: undefined as unknown, a: 1 };
    value.self = value;
    expect(changeIn(value, () => value.a++)).toBe('a from 1 to 2');
  });

  it('lets an error of the work pass', () => {
    expect(() =>
      leavingAlone(
        {},
        () => {
          throw new RangeError('mine');
        },
        () => new Error(),
      ),
    ).toThrow(RangeError);
  });
});
