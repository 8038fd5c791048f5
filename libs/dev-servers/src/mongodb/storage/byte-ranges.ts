/** Keys from `low`, included, to `high`, excluded. */
export interface ByteRange {
  readonly low: Buffer;
  readonly high: Buffer;
  /** There can be no key in it but `low` itself. */
  readonly single?: boolean;
}

/** Every key; none begins with these bytes. */
export const ALL_KEYS: ByteRange = { low: Buffer.of(0), high: Buffer.of(0xff) };

/** The keys that begin with the prefix. */
export function keysWith(prefix: Buffer): ByteRange {
  return { low: prefix, high: behind(prefix) };
}

/** The one key, where keys are never longer. */
export function keyItself(key: Buffer): ByteRange {
  return { low: key, high: behind(key), single: true };
}

/** What follows all keys that begin with the prefix. */
export function behind(prefix: Buffer): Buffer {
  let end = prefix.length;
  while (end > 0 && prefix[end - 1] === 0xff) end--;
  if (end === 0) return ALL_KEYS.high;
  const next = Buffer.from(prefix.subarray(0, end));
  next[end - 1]! += 1;
  return next;
}

/** In the order of their beginnings, without those that are there twice and those that are empty. */
export function sortedRanges(ranges: readonly ByteRange[]): ByteRange[] {
  return ranges
    .filter(({ low, high }) => Buffer.compare(low, high) < 0)
    .sort((a, b) => Buffer.compare(a.low, b.low))
    .filter(({ low }, index, all) => index === 0 || !all[index - 1]!.low.equals(low));
}
