import { describe, expect, it } from '@jest/globals';
import { besidePeers, bounded, growth, rates } from '../finding.js';
import { resultsOf } from '../results.js';
import { chartOf } from './chart.js';

const machine = {
  cpu: 'A <fast> one',
  cores: 2,
  memory: 25,
  node: 'v24',
  sqlite: '3.54',
  os: 'Linux',
  fdatasync: { p50: 0.1, p99: 0.2 },
  load: { before: 0, after: 1 },
};
const settings = 'synchronous=FULL';

describe('the chart', () => {
  const svg = chartOf(
    resultsOf(machine, false, [
      rates('append', 'events/s', 90, 100, 0.85),
      rates('load', 'loads/s', 60, 100, 0.7),
      bounded('p99', 'ms', 4, null, 10),
      growth('grown', 'µs', 11, 10, 1.2),
      besidePeers('append', 'events/s', 1_000, [{ name: 'another', value: 10, settings }]),
    ]),
  );
  const bars = [...svg.matchAll(/<rect class="(good|bad|plain|other)" x="\d+" y="\d+" width="([\d.]+)"/g)];

  it('has a bar for each finding, in the colour that says whether it is met', () => {
    expect(bars.map(([, colour]) => colour)).toEqual(['good', 'bad', 'good', 'good', 'plain', 'other']);
  });

  it('draws them as long as they are', () => {
    const [append, load, latency] = bars.map(([, , width]) => Number(width));
    expect(load! / append!).toBeCloseTo(60 / 90, 2);
    expect(latency! / append!).toBeCloseTo(0.4 / 0.9, 2); // both scales go to 1.25
  });

  it('says the figures', () => {
    for (const said of ['0.90 ×', '4.00 of 10 ms', '1.10 of 1.20 ×', '10.0 events/s']) expect(svg).toContain(said);
  });

  it('is SVG whatever a machine is called', () => {
    expect(svg).toContain('A &lt;fast&gt; one');
    expect(svg.startsWith('<svg xmlns="http://www.w3.org/2000/svg"')).toBe(true);
  });
});
