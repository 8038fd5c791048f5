import { styleText } from 'node:util';
import { isMet, type Budget, type Finding } from './finding.js';

const HEADINGS = ['work', 'unit', 'ours', 'floor', 'ratio', 'budget', ''];

/** The findings as a table for people. */
export function tableOf(findings: readonly Finding[]): string {
  const lines = [HEADINGS, ...findings.map(cells)];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  const printed = lines.map((line) => line.map((cell, column) => aligned(cell, column, widths[column]!)).join('  '));
  printed.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return printed.map((line) => line.trimEnd()).join('\n');
}

function cells(finding: Finding): string[] {
  const { work, unit, ours, floor, ratio, budget } = finding;
  return [
    work,
    unit,
    shown(ours),
    floor === null ? '' : shown(floor),
    ratio === null ? '' : ratio.toFixed(2),
    budgetShown(budget, unit),
    isMet(finding) ? 'met' : 'MISSED',
  ];
}

/** The first two columns and the last are text. */
function aligned(cell: string, column: number, width: number): string {
  if (column === HEADINGS.length - 1 && cell) {
    return styleText(cell === 'met' ? 'green' : 'red', cell, { stream: process.stdout });
  }
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}

function shown(value: number): string {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

function budgetShown({ of, limit }: Budget, unit: string): string {
  if (of === 'ours at most') return `≤ ${limit} ${unit}`;
  return `${of === 'ratio at least' ? '≥' : '≤'} ${limit.toFixed(2)} ×`;
}
