import { isMet, type Finding } from '../finding.js';
import { findingsOf, type Results } from '../results.js';
import { shown } from '../table.js';
import { drawn, type Bar, type Panel } from './drawing.js';

/** The run as a picture: SVG, for light and dark backgrounds. */
export function chartOf(results: Results): string {
  const findings = findingsOf(results);
  const rates = findings.filter(({ budget, ratio }) => ratio !== null && budget?.of !== 'ratio at most');
  const bounds = findings.filter(({ budget }) => budget && budget.of !== 'ratio at least');
  const peers = findings.filter(({ peers }) => peers);
  const panels = [floorPanel(rates.filter(({ peers }) => !peers)), boundsPanel(bounds), peersPanel(peers)];
  const { cpu, cores, memory, os, node, sqlite, fdatasync, load } = results.machine;
  return drawn(
    `Gesta on SQLite, measured by npm run bench${results.quick ? ' -- --quick (a first impression)' : ''}`,
    panels.filter(({ bars }) => bars.length > 0),
    [
      `${cpu}, ${cores} cores, ${memory} GB; ${os}; Node ${node}, SQLite ${sqlite}`,
      `fdatasync p50 ${fdatasync.p50.toFixed(2)} ms, p99 ${fdatasync.p99.toFixed(2)} ms; load ${load.before.toFixed(1)} before and ${load.after.toFixed(1)} after`,
    ],
  );
}

function floorPanel(findings: readonly Finding[]): Panel {
  const longest = Math.max(1.25, ...findings.map(({ ratio, budget }) => Math.max(ratio!, budget?.limit ?? 0)));
  return {
    title: 'Speed as a share of the floor',
    legend:
      'The floor is the same work by hand on the same driver, as durable, in the same run. The mark is the budget: at least.',
    bars: findings.map((finding) => ({
      label: finding.work,
      share: finding.ratio! / longest,
      mark: finding.budget ? finding.budget.limit / longest : undefined,
      text: `${finding.ratio!.toFixed(2)} ×`,
      colour: colourOf(finding),
    })),
  };
}

function boundsPanel(findings: readonly Finding[]): Panel {
  const worst = Math.max(1.25, ...findings.map((finding) => used(finding)));
  return {
    title: 'Of what is allowed',
    legend: 'Latency, memory, and growth of cost, as a share of the budget. The mark is the budget: at most.',
    bars: findings.map((finding) => ({
      label: finding.work,
      share: used(finding) / worst,
      mark: 1 / worst,
      text:
        finding.budget!.of === 'ours at most'
          ? `${shown(finding.ours)} of ${finding.budget!.limit} ${finding.unit}`
          : `${finding.ratio!.toFixed(2)} of ${finding.budget!.limit.toFixed(2)} ×`,
      colour: colourOf(finding),
    })),
  };
}

const used = ({ budget, ours, ratio }: Finding) => (budget!.of === 'ours at most' ? ours : ratio!) / budget!.limit;

/** On a logarithmic scale, three decades and a half: the fastest ends at the right. */
function peersPanel(findings: readonly Finding[]): Panel {
  const DECADES = 3.5;
  const bars = findings.flatMap(({ work, unit, ours, peers }): Bar[] => {
    const fastest = Math.max(ours, ...peers!.map(({ value }) => value));
    const bar = (label: string, value: number, colour: Bar['colour']): Bar => ({
      label,
      share: 1 + Math.log10(value / fastest) / DECADES,
      text: `${shown(value)} ${unit}`,
      colour,
    });
    return [
      bar(work, ours, 'plain'),
      ...peers!.map(({ name, value }) => ({ ...bar(name, value, 'other'), indented: true as const })),
    ];
  });
  return {
    title: 'Beside other libraries on SQLite',
    legend:
      'Gesta in blue; a logarithmic scale of three and a half decades. What each did otherwise stands in docs/performance.md.',
    bars,
  };
}

function colourOf(finding: Finding): Bar['colour'] {
  const met = isMet(finding);
  if (met === null) return 'plain';
  return met ? 'good' : 'bad';
}
