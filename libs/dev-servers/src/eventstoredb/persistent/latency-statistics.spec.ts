import { describe, expect, it } from '@jest/globals';
import { LatencyStatistics } from './latency-statistics.js';

describe('The statistics of how long a consumer takes', () => {
  it('are none before it has answered anything', () => {
    expect(new LatencyStatistics().measures()).toEqual([]);
  });

  it('are those of the times that were added', () => {
    const statistics = new LatencyStatistics();
    for (let time = 100; time >= 1; time--) statistics.add(time);
    expect(Object.fromEntries(statistics.measures())).toEqual({
      Mean: 50,
      Median: 51,
      Fastest: 1,
      'Quintile 1': 1,
      'Quintile 2': 21,
      'Quintile 3': 41,
      'Quintile 4': 61,
      'Quintile 5': 81,
      '90%': 91,
      '95%': 96,
      '99%': 100,
      '99.5%': 100,
      '99.9%': 100,
      Highest: 100,
    });
  });

  it('forget what is long ago', () => {
    const statistics = new LatencyStatistics();
    for (let n = 0; n < 1_000; n++) statistics.add(500);
    for (let n = 0; n < 1_000; n++) statistics.add(3);
    expect(Object.fromEntries(statistics.measures())).toMatchObject({ Fastest: 3, Highest: 3 });
  });
});
