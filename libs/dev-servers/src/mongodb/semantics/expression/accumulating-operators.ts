import { type Fold, folds } from '../accumulation/folds.js';
import { percentiles } from '../accumulation/percentiles.js';
import { compiled, withFields } from './arguments.js';
import type { Operator } from './compiler.js';

/** Accumulators as expressions: over the elements of one array, or over their arguments. */
export const accumulatingOperators: Record<string, Operator> = {
  $sum: over('$sum'),
  $avg: over('$avg'),
  $min: over('$min'),
  $max: over('$max'),
  $stdDevPop: over('$stdDevPop'),
  $stdDevSamp: over('$stdDevSamp'),
  $mergeObjects: over('$mergeObjects'),
  $median: withFields(
    ['input', 'method'],
    [],
    ({ input }) =>
      (scope) =>
        percentiles(listOf(input(scope)), [0.5])[0],
  ),
  $percentile: withFields(
    ['input', 'p', 'method'],
    [],
    ({ input, p }) =>
      (scope) =>
        percentiles(listOf(input(scope)), p(scope)),
  ),
};

function over(name: string): Operator {
  return (operand, compiler) => {
    const parts = compiled(operand, compiler);
    return (scope) => {
      const values = parts.map((part) => part(scope));
      const [only] = values;
      return folded(folds[name]!(), values.length === 1 && Array.isArray(only) ? only : values);
    };
  };
}

function folded(fold: Fold, values: readonly unknown[]): unknown {
  for (const value of values) fold.add(value);
  return fold.value();
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);
