import { describe, expect, it } from '@jest/globals';
import { median, percentile } from './statistics.js';

describe('statistics', () => {
  it('takes the value in the middle, whatever the order', () => {
    expect(median([9, 1, 5])).toBe(5);
    expect(median([10, 9])).toBe(10);
  });

  it('takes a value that so many are below', () => {
    const values = Array.from({ length: 1_000 }, (_, index) => index);
    expect(percentile(values, 0.99)).toBe(990);
    expect(percentile(values, 1)).toBe(999);
    expect(percentile([7], 0.5)).toBe(7);
  });

  it('leaves the values as they were', () => {
    const values = [3, 1, 2];
    median(values);
    expect(values).toEqual([3, 1, 2]);
  });

  it('knows no percentile of nothing', () => {
    expect(() => median([])).toThrow(RangeError);
  });
});
