import { describe, expect, it } from '@jest/globals';
import { Pace } from './pace.js';

describe('the pace of a reader', () => {
  it('is not known at first', () => {
    const pace = new Pace();
    expect([pace.eventsPerSecond, pace.secondsLeft(100n)]).toEqual([undefined, undefined]);
    pace.at(0, 0, 0n);
    expect([pace.eventsPerSecond, pace.secondsLeft(100n)]).toEqual([undefined, undefined]);
  });

  it('is what was read in the time, and tells how long the rest will take', () => {
    const pace = new Pace();
    pace.at(1_000, 0, 500n);
    pace.at(3_000, 100, 900n);
    expect(pace.eventsPerSecond).toBe(50);
    expect(pace.secondsLeft(1_900n)).toBe(5);
    expect(pace.secondsLeft(900n)).toBe(0);
  });

  it('is that of the last seconds', () => {
    const pace = new Pace();
    let events = 0;
    for (let at = 0; at <= 60_000; at += 100) {
      pace.at(at, events, BigInt(events));
      events += at < 30_000 ? 1_000 : 10;
    }
    expect(pace.eventsPerSecond).toBe(100);
  });

  it('leaves open how long it will take when nothing moves', () => {
    const pace = new Pace();
    pace.at(0, 0, 5n);
    pace.at(1_000, 0, 5n);
    expect(pace.secondsLeft(10n)).toBeUndefined();
  });
});
