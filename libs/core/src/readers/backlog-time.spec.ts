import { describe, expect, it } from '@jest/globals';
import { BacklogTime } from './backlog-time.js';

/** Looks every quarter of a second at readers that take so many events a second, while so many are appended. */
function flooded(seconds: number, perSecond: number, paces: Record<string, number>, everyMs = 250) {
  const backlog = new BacklogTime();
  const seen: number[] = [];
  const positions = new Map(Object.keys(paces).map((reader) => [reader, 0]));
  for (let at = 0; at <= seconds * 1_000; at += everyMs) {
    const head = Math.floor((perSecond * at) / 1_000);
    for (const [reader, pace] of Object.entries(paces)) {
      positions.set(reader, Math.min(head, positions.get(reader)! + (at === 0 ? 0 : (pace * everyMs) / 1_000)));
    }
    backlog.look(
      at,
      BigInt(head),
      new Map([...positions].map(([name, position]) => [name, BigInt(Math.floor(position))])),
    );
    seen.push(backlog.ms);
  }
  return seen;
}

describe('BacklogTime', () => {
  it('is nothing while readers keep up', () => {
    expect(Math.max(...flooded(30, 100, { a: 100, b: 1_000 }))).toBe(0);
  });

  it('tells a second into a flood how long it will take', () => {
    // After a second 1,000 are in and 100 are done: 900 at 100 a second.
    expect(flooded(1, 1_000, { a: 100 }).at(-1)).toBeCloseTo(9_000, -2);
  });

  it('is that of the slowest reader, and no less than it has been behind', () => {
    expect(flooded(2, 1_000, { a: 500, b: 100, c: 5_000 }).at(-1)).toBeCloseTo(18_000, -2);
    for (const [second, ms] of flooded(20, 101, { a: 100 }, 1_000).entries())
      expect(ms).toBeLessThan(1_000 + second * 20);
  });

  it('counts no reader that stands still: what is recorded waits until it goes on', () => {
    expect(flooded(20, 1_000, { a: 0 }).at(-1)).toBe(0);
  });

  it('counts no reader that has come to stand still', () => {
    const backlog = new BacklogTime();
    const seen: number[] = [];
    for (let at = 0; at <= 60_000; at += 250) {
      const done = Math.min(at, 5_000) / 100;
      backlog.look(at, BigInt(Math.floor(at / 100)), new Map([['a', BigInt(Math.floor(done))]]));
      seen.push(backlog.ms);
    }
    expect(Math.max(...seen)).toBeLessThan(12_000);
    expect(seen.at(-1)).toBe(0);
  });

  it('counts one that takes seconds for a batch', () => {
    const backlog = new BacklogTime();
    for (let at = 0; at <= 19_750; at += 250) {
      backlog.look(at, BigInt(at), new Map([['a', BigInt(Math.floor(at / 5_000) * 250)]]));
      if (at > 6_000) expect(backlog.ms).toBeGreaterThan(30_000);
    }
  });

  it('counts nothing that was in the log before anybody looked', () => {
    const backlog = new BacklogTime();
    const look = (at: number, position: bigint) => {
      backlog.look(at, 100_000n + BigInt(at), new Map([['new', position]]));
      return backlog.ms;
    };
    for (let at = 0; at < 60_000; at += 250) expect(look(at, BigInt(at))).toBe(0);
    expect(look(60_000, 160_000n)).toBe(0);
    for (let at = 60_250; at < 70_000; at += 250) look(at, 160_000n + BigInt(at - 60_000) / 10n);
    expect(look(70_000, 161_000n)).toBeGreaterThan(30_000);
    expect(look(70_250, 0n)).toBe(0); // somebody has put it back to the beginning
    for (let at = 70_500; at < 80_000; at += 250) expect(look(at, BigInt(at) / 10n)).toBe(0);
  });

  it('tells how long one has been behind where looks are few', () => {
    const backlog = new BacklogTime();
    for (let at = 0; at <= 100_000; at += 2_000) {
      backlog.look(at, BigInt(at), new Map([['a', BigInt(Math.floor(at / 2))]]));
    }
    expect(backlog.ms).toBe(48_000);
  });

  it('is not misled by what came after long idleness', () => {
    const backlog = new BacklogTime();
    backlog.look(0, 10n, new Map([['a', 10n]]));
    backlog.look(600_000, 13n, new Map([['a', 11n]]));
    backlog.look(600_250, 14n, new Map([['a', 12n]]));
    expect(backlog.ms).toBe(0);
  });

  it('is over when it is', () => {
    const backlog = new BacklogTime();
    for (let at = 0; at <= 10; at++) backlog.look(at * 500, 1_000n, new Map([['a', BigInt(at * 100)]]));
    expect(backlog.ms).toBe(0);
  });

  it('forgets what every reader has reached, and keeps little where one stands still for days', () => {
    const marksOf = (backlog: BacklogTime) => (backlog as unknown as { marks: unknown[] }).marks.length;
    const backlog = new BacklogTime();
    for (let at = 1; at <= 1_000; at++) backlog.look(at, BigInt(at), new Map([['a', BigInt(at - 1)]]));
    expect(marksOf(backlog)).toBe(1);
    for (let at = 1_000; at <= 5_000; at++) backlog.look(at, BigInt(at), new Map([['a', 999n]]));
    expect(marksOf(backlog)).toBeLessThanOrEqual(1_000);
  });
});
