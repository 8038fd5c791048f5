const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/**
 * Reads a number of bytes, such as `65536` or `'64kb'`.
 * @param name what it is for, for the error
 * @throws {RangeError} when it is none, or less than one
 */
export function bytesFrom(given: number | string, name: string): number {
  const [, count, unit = 'b'] = /^(\d+(?:\.\d+)?)\s*([kmg]?b)?$/i.exec(String(given).trim()) ?? [];
  const bytes = Math.floor(Number(count) * UNITS[unit.toLowerCase()]!);
  if (bytes >= 1) return bytes;
  throw new RangeError(`${name} must be a number of bytes from 1, or a text such as '64kb', not ${String(given)}`);
}
