import { Double } from 'bson';
import { MongoDBError } from '../mongodb-error.js';
import { isNumber, toDouble } from '../numbers.js';

/**
 * The values below which the given fractions of the numbers lie: the number of that rank, exactly. MongoDB approximates
 * from large groups, and gives the same for small ones. What is no number does not count; of none, all are null.
 */
export function percentiles(values: readonly unknown[], fractions: unknown): unknown[] {
  const wanted = Array.isArray(fractions) ? fractions : [];
  if (wanted.length === 0 || !wanted.every((each) => isNumber(each) && toDouble(each) >= 0 && toDouble(each) <= 1)) {
    throw new MongoDBError(7750301, "The $percentile 'p' field must be an array of numbers from [0.0, 1.0]");
  }
  const numbers = Float64Array.from(values.filter((value) => isNumber(value)).map((value) => toDouble(value))).sort();
  return wanted.map((fraction) => {
    if (numbers.length === 0) return null;
    const rank = Math.max(1, Math.ceil(toDouble(fraction as number) * numbers.length));
    return new Double(numbers[rank - 1]!);
  });
}
