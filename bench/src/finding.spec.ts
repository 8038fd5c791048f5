import { describe, expect, it } from '@jest/globals';
import { bounded, durations, growth, isMet, rates } from './finding.js';

describe('a finding', () => {
  it('of rates is met by enough of the floor', () => {
    expect(rates('append', 'events/s', 850, 1_000, 0.85)).toMatchObject({ ratio: 0.85 });
    expect(isMet(rates('append', 'events/s', 850, 1_000, 0.85))).toBe(true);
    expect(isMet(rates('append', 'events/s', 849, 1_000, 0.85))).toBe(false);
  });

  it('of durations is met by enough of the speed of the floor', () => {
    expect(durations('rebuild', 'ms', 2_000, 1_500, 0.7)).toMatchObject({ ratio: 0.75 });
    expect(isMet(durations('rebuild', 'ms', 2_000, 1_500, 0.7))).toBe(true);
    expect(isMet(durations('rebuild', 'ms', 3_000, 1_500, 0.7))).toBe(false);
  });

  it('with a bound of its own is met whatever the floor is', () => {
    expect(isMet(bounded('p99', 'ms', 10, null, 10))).toBe(true);
    expect(isMet(bounded('p99', 'ms', 10.1, 20, 10))).toBe(false);
  });

  it('of growth is met by a cost that has not grown too much', () => {
    expect(isMet(growth('append', 'µs', 12, 10, 1.2))).toBe(true);
    expect(isMet(growth('append', 'µs', 12.1, 10, 1.2))).toBe(false);
  });
});
