import { describe, expect, it } from '@jest/globals';
import { besidePeers, bounded, informative, rates } from './finding.js';
import type { Machine } from './machine.js';
import { findingsOf, resultsOf } from './results.js';

const machine = { cpu: 'one' } as Machine;

describe('the results of a run', () => {
  const findings = [
    rates('append', 'events/s', 90, 100, 0.85),
    bounded('p99', 'ms', 12, null, 10),
    informative('another store', 'events/s', 5, 10),
    besidePeers('append', 'events/s', 9, [{ name: 'another', value: 3, settings: 'synchronous=FULL' }]),
  ];

  it('are written with the limit of each budget and whether it is met', () => {
    const { results, peers } = resultsOf(machine, false, findings);
    expect(results).toMatchObject([
      { work: 'append', unit: 'events/s', ours: 90, floor: 100, ratio: 0.9, budget: 0.85, met: true },
      { work: 'p99', unit: 'ms', ours: 12, floor: null, ratio: null, budget: 10, met: false },
      { work: 'another store', ratio: 0.5, budget: null, met: null },
    ]);
    expect(peers).toMatchObject([{ work: 'append', ours: 9, peers: [{ name: 'another', value: 3 }] }]);
  });

  it('are read back as they were found', () => {
    const written = JSON.stringify(resultsOf(machine, false, findings));
    expect(findingsOf(JSON.parse(written) as ReturnType<typeof resultsOf>)).toEqual(findings);
  });
});
