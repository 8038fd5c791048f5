import { fitting, padded, widthOf } from './fitting.js';

const GAP = '  ';
/** To how many columns the last cell may be shortened. */
const LEAST = 16;

/**
 * Rows under a heading, each column as wide as what is in it.
 * @param width of the terminal, in columns: the last cell of a row is shortened to fit, no other one is
 */
export function table(heading: readonly string[], rows: readonly (readonly string[])[], width?: number): string {
  const all = [heading, ...rows.map((row) => row.map((cell) => cell.replaceAll(/\s+/g, ' ')))];
  const last = heading.length - 1;
  const widths = heading.map((_, column) => Math.max(...all.map((row) => widthOf(row[column]!))));
  const before = widths.slice(0, last).reduce((sum, columns) => sum + columns + GAP.length, 0);
  const left = width === undefined ? Infinity : Math.max(LEAST, width - before);
  return all
    .map((row) =>
      row
        .map((cell, column) => (column === last ? fitting(cell, left) : padded(cell, widths[column]!)))
        .join(GAP)
        .trimEnd(),
    )
    .join('\n');
}
