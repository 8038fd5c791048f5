import { sizeOf, type EventRow } from './event-row.js';

/** Characters of JSON after which a batch ends, however few its events are. */
const MAX_CHARACTERS = 1_000_000;
const FIRST_PORTION = 64;
const LARGEST_PORTION = 256;

/**
 * Rows for one batch: at most so many, and no more than fit well into memory. They are fetched in portions, small ones
 * first, because how large an event is is known only when it was read.
 * @param next gives up to `most` rows that follow the last one
 * @param first how many rows to fetch first
 * @returns the rows, whether there are no more, and how many may be fetched first of others as large as these
 */
export function boundedRows(
  next: (last: EventRow | undefined, most: number) => readonly EventRow[],
  most: number,
  first = FIRST_PORTION,
): { rows: EventRow[]; exhausted: boolean; first: number } {
  const rows: EventRow[] = [];
  let characters = 0;
  let exhausted = false;
  for (let portion = first; !exhausted && rows.length < most && characters < MAX_CHARACTERS; portion *= 2) {
    const wanted = Math.min(portion, LARGEST_PORTION, most - rows.length);
    const found = next(rows.at(-1), wanted);
    for (const row of found) {
      rows.push(row);
      characters += sizeOf(row);
    }
    exhausted = found.length < wanted;
  }
  const fitting = Math.floor((MAX_CHARACTERS * rows.length) / Math.max(1, characters));
  return { rows, exhausted, first: Math.max(FIRST_PORTION, Math.min(LARGEST_PORTION, fitting)) };
}
