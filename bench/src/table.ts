import { styleText } from 'node:util';
import { isMet, type Budget, type Finding } from './finding.js';

const [MET, MISSED] = ['met', 'MISSED'];
const HEADINGS = ['work', 'unit', 'ours', 'floor', 'ratio', 'budget', ''];

/** The findings as a table for people. */
export function tableOf(findings: readonly Finding[]): string {
  return printed([HEADINGS, ...findings.map(cells)]);
}

/** Findings that stand beside those of other libraries, as a table of their own; how often ours is as fast in brackets. */
export function peersTableOf(findings: readonly Finding[]): string {
  const names = findings[0]!.peers!.map(({ name }) => name);
  const lines = findings.map(({ work, unit, ours, peers }) => [
    work,
    unit,
    shown(ours),
    ...peers!.map(({ value }) => `${shown(value)} (${shown(ours / value)} ×)`),
  ]);
  return [printed([['work', 'unit', 'Gesta', ...names], ...lines]), '', ...notesOf(findings)].join('\n');
}

/** What each of the others ran with, and what it did otherwise. */
function notesOf(findings: readonly Finding[]): Set<string> {
  const figures = findings.flatMap(({ work, peers }) => peers!.map((peer) => ({ work, ...peer })));
  return new Set([
    ...figures.map(({ name, settings }) => `${name}: ${settings}`),
    ...figures.flatMap(({ name, work, note }) => (note ? [`${name}, ${work}: ${note}`] : [])),
  ]);
}

function printed([headings, ...lines]: readonly (readonly string[])[]): string {
  const all = [headings!, ...lines];
  const widths = headings!.map((_, column) => Math.max(...all.map((line) => line[column]!.length)));
  const rows = all.map((line) => line.map((cell, column) => aligned(cell, column, widths[column]!)).join('  '));
  rows.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return rows.map((line) => line.trimEnd()).join('\n');
}

function cells(finding: Finding): string[] {
  const { work, unit, ours, floor, ratio, budget } = finding;
  return [
    work,
    unit,
    shown(ours),
    floor === null ? '' : shown(floor),
    ratio === null ? '' : ratio.toFixed(2),
    budget ? budgetShown(budget, unit) : '',
    budget ? (isMet(finding) ? MET : MISSED) : '',
  ];
}

/** The first two columns are text, and so is whether a budget is met. */
function aligned(cell: string, column: number, width: number): string {
  if (cell === MET || cell === MISSED) {
    return styleText(cell === MET ? 'green' : 'red', cell, { stream: process.stdout });
  }
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

/** A number with as many digits as tell something. */
export function shown(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function budgetShown({ of, limit }: Budget, unit: string): string {
  if (of === 'ours at most') return `≤ ${limit} ${unit}`;
  return `${of === 'ratio at least' ? '≥' : '≤'} ${limit.toFixed(2)} ×`;
}
