import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BEGINNING, checkedPlace, checkpointAt, isBehind, isPlace, placeOf, positionAt } from './log-place.js';

const place = fc
  .tuple(fc.bigInt(0n, 2n ** 62n), fc.bigInt(0n, 2n ** 62n))
  .map(([a, b]) => (a > b ? { commit: a, prepare: b } : { commit: b, prepare: a }));

describe('a place in the log', () => {
  it('is named by a checkpoint that leads there again', () => {
    expect(checkpointAt({ commit: 2048n, prepare: 1024n })).toBe('esdb:2048/1024');
    fc.assert(fc.property(place, (there) => expect(placeOf(checkpointAt(there))).toEqual(there)));
    expect(placeOf(undefined)).toEqual(BEGINNING);
  });

  it('is not named by anything else', () => {
    const others = ['', 'x', 'esdb:', 'esdb:1', 'esdb:1/', 'esdb:-1/0', 'esdb:1/2', 'esdb:01/1', 'esdb:1/1x'];
    for (const checkpoint of [...others, ' esdb:1/1', 'sqlite:a:1', 'esdb:99999999999999999999/1']) {
      expect(() => placeOf(checkpoint)).toThrow(RangeError);
      expect(() => placeOf(checkpoint)).toThrow(`'${checkpoint}' is no checkpoint`);
    }
  });

  it('is the beginning where an older checkpoint has what some servers say of an empty log', () => {
    expect(placeOf('esdb:18446744073709551615/18446744073709551615')).toEqual(BEGINNING);
  });

  it('is no place that has a sign, or is prepared behind its commit', () => {
    expect([1n, 2n ** 63n - 1n].every((at) => isPlace({ commit: at, prepare: at }))).toBe(true);
    for (const [commit, prepare] of [
      [2n ** 64n - 1n, 2n ** 64n - 1n],
      [2n ** 63n, 0n],
      [1n, 2n],
      [-1n, -1n],
    ]) {
      expect(isPlace({ commit: commit!, prepare: prepare! })).toBe(false);
    }
  });

  it('comes before what is committed later, or prepared later in one commit', () => {
    const [a, b, c] = [
      { commit: 1n, prepare: 1n },
      { commit: 5n, prepare: 2n },
      { commit: 5n, prepare: 5n },
    ];
    expect([isBehind(b, a), isBehind(c, b), isBehind(a, b), isBehind(b, b)]).toEqual([true, true, false, false]);
  });

  it("promises a position only when its event is before it: the server's own places stand in front of one", () => {
    expect(positionAt({ commit: 100n, prepare: 100n })).toBe(100n);
    expect(positionAt({ commit: 100n, prepare: 0n })).toBe(99n);
  });

  it('past the end of the log is of another log', () => {
    const end = { commit: 1_000n, prepare: 1_000n };
    checkedPlace(end, end);
    checkedPlace({ commit: 1_200n, prepare: 0n }, end); // where the server will go on
    for (const beyond of [
      { commit: 1_001n, prepare: 1_001n },
      { commit: 100_000_000n, prepare: 0n },
    ]) {
      expect(() => checkedPlace(beyond, end)).toThrow(`'${checkpointAt(beyond)}' is no checkpoint of this store`);
    }
  });
});
