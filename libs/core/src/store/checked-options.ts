import type { EventToAppend } from '../events/recorded-event.js';
import type { ExpectedRevision, ReadAllOptions, ReadStreamOptions } from './event-store.js';

/**
 * What every store refuses before it does anything: options that can mean nothing.
 * @throws {RangeError} naming the option
 */
export function checkedAppend(events: readonly EventToAppend[], expected: ExpectedRevision): void {
  checkedExpectation(expected);
  if (events.length < 2) return;
  const ids = new Set<string>();
  for (const { id } of events) {
    if (ids.has(id)) throw new RangeError(`Two events of one append have the id ${id}`);
    ids.add(id);
  }
}

/** @throws {RangeError} when it is neither a revision nor one of the words */
export function checkedExpectation(expected: ExpectedRevision): void {
  if (expected === 'any' || expected === 'no-stream' || expected === 'stream-exists') return;
  checkedWhole('expected', expected);
}

/** @throws {RangeError} naming the option that is not a whole number from 0 */
export function checkedReadStream({ from, limit }: ReadStreamOptions): void {
  checkedWhole('from', from);
  checkedWhole('limit', limit);
}

/** @throws {RangeError} naming the option: `limit` is a whole number from 0, `batchSize` one from 1 */
export function checkedReadAll({ limit, batchSize }: Pick<ReadAllOptions, 'limit' | 'batchSize'>): void {
  checkedWhole('limit', limit);
  checkedWhole('batchSize', batchSize, 1);
}

/** @throws {RangeError} naming the option when its value is there and is no whole number from `least` */
export function checkedWhole(option: string, value: number | undefined, least = 0): void {
  if (value === undefined || (Number.isSafeInteger(value) && value >= least)) return;
  throw new RangeError(`\`${option}\` is a whole number from ${least}, not ${String(value)}`);
}
