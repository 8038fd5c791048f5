import { InvalidArgumentError } from 'commander';

/** @throws {InvalidArgumentError} when the text is no whole number from `least` */
export function wholeNumber(least: number) {
  return (text: string): number => {
    const value = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(value) || value < least) {
      throw new InvalidArgumentError(`It is a whole number from ${least}.`);
    }
    return value;
  };
}

/** Where to begin in the log: at its beginning, at its end, or at a position. */
export type Beginning = 'beginning' | 'now' | bigint;

/** @throws {InvalidArgumentError} when the text is neither a position nor one of the words */
export function beginning(text: string): Beginning {
  if (text === 'beginning' || text === 'now') return text;
  if (/^\d{1,19}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError("It is 'beginning', 'now' or a position, a whole number.");
}
