import { describe, expect, it } from '@jest/globals';
import { stripVTControlCharacters } from 'node:util';
import { bounded, growth, rates } from './finding.js';
import { tableOf } from './table.js';

describe('the table', () => {
  it('shows each finding with its budget and whether it is met', () => {
    const table = tableOf([
      rates('append', 'events/s', 7_500, 10_000, 0.85),
      bounded('read your write: p99', 'ms', 2.654, null, 10),
      growth('load', 'µs', 11, 10, 1.2),
    ]);
    expect(stripVTControlCharacters(table).split('\n')).toEqual([
      'work                  unit       ours   floor  ratio    budget',
      '--------------------  --------  -----  ------  -----  --------  ------',
      'append                events/s  7,500  10,000   0.75  ≥ 0.85 ×  MISSED',
      'read your write: p99  ms         2.65                  ≤ 10 ms  met',
      'load                  µs         11.0    10.0   1.10  ≤ 1.20 ×  met',
    ]);
  });
});
