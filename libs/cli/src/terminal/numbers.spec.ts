import { describe, expect, it } from '@jest/globals';
import { counted, duration, readable } from './numbers.js';

describe('numbers for people', () => {
  it('are grouped', () => {
    expect([readable(999), readable(1_234_567), readable(2n ** 60n)]).toEqual([
      '999',
      '1,234,567',
      '1,152,921,504,606,846,976',
    ]);
    expect([counted(0, 'event'), counted(1, 'event'), counted(1_000, 'event')]).toEqual([
      '0 events',
      '1 event',
      '1,000 events',
    ]);
  });

  it.each([
    [0, '0.0 s'],
    [4.24, '4.2 s'],
    [9.96, '10 s'],
    [59.6, '1 min 00 s'],
    [185, '3 min 05 s'],
    [3_599.7, '1 h 00 min'],
    [7_800, '2 h 10 min'],
  ])('say how long %d seconds are', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });
});
