import { isDocument } from '../bson-document.js';
import { fieldsOf, isNullish, wholeNumber } from '../expression/arguments.js';
import type { Compiler, Evaluate } from '../expression/compiler.js';
import type { Scope } from '../expression/scope.js';
import { MongoDBError } from '../mongodb-error.js';
import { compareValues } from '../compare.js';
import { compileSortKey } from '../sort.js';
import type { BsonDocument } from '../bson-document.js';
import { folds } from './folds.js';
import { percentiles } from './percentiles.js';

/** Takes the documents of a group, one after the other, and says something of all. */
export interface Accumulation {
  add(scope: Scope): void;
  /** `undefined` is made null by `$group`. */
  value(): unknown;
}

/**
 * Makes an accumulation ready to be begun for each group. The scope given to begin with is that of the group's first
 * document: what is said of the whole group, as the `n` of `$firstN`, is evaluated there.
 */
export type Accumulator = (first: Scope) => Accumulation;

type CompileAccumulator = (operand: unknown, compiler: Compiler, name: string) => Accumulator;

/**
 * @throws {MongoDBError} 15952 for an accumulator that is not known; 238 for `$accumulator`, which runs JavaScript
 */
export function compileAccumulator(name: string, operand: unknown, compiler: Compiler): Accumulator {
  const known = Object.hasOwn(accumulators, name) ? accumulators[name] : undefined;
  if (known) return known(operand, compiler, name);
  if (name === '$accumulator') {
    throw new MongoDBError('NotImplemented', '$accumulator is not supported by this server: it runs JavaScript');
  }
  throw new MongoDBError(15952, `unknown group operator '${name}'`);
}

const accumulators: Record<string, CompileAccumulator> = {
  ...Object.fromEntries(Object.keys(folds).map((name) => [name, folding])),
  $count: (operand, _, name) => {
    fieldsOf(operand, name, [], []);
    return () => folds['$count']!();
  },
  $firstN: taking((values, count) => values.slice(0, count)),
  $lastN: taking((values, count) => values.slice(-count)),
  $minN: taking((values, count) => present(values).toSorted(compareValues).slice(0, count)),
  $maxN: taking((values, count) =>
    present(values)
      .toSorted((a, b) => compareValues(b, a))
      .slice(0, count),
  ),
  $top: sorted(1, 'one'),
  $bottom: sorted(-1, 'one'),
  $topN: sorted(1, 'many'),
  $bottomN: sorted(-1, 'many'),
  $median: (operand, compiler, name) => {
    const { input } = fieldsOf(operand, name, ['input', 'method'], []);
    return percentile(
      compiler.compile(input),
      () => [0.5],
      ([only]) => only,
    );
  },
  $percentile: (operand, compiler, name) => {
    const { input, p } = fieldsOf(operand, name, ['input', 'p', 'method'], []);
    return percentile(compiler.compile(input), compiler.compile(p), (values) => values);
  },
};

const present = (values: readonly unknown[]) => values.filter((value) => !isNullish(value));

function folding(operand: unknown, compiler: Compiler, name: string): Accumulator {
  const evaluate = compiler.compile(operand);
  return () => {
    const fold = folds[name]!();
    return { add: (scope) => fold.add(evaluate(scope)), value: () => fold.value() };
  };
}

function countOf(value: unknown, name: string): number {
  const count = wholeNumber(
    value,
    (type) => new MongoDBError(5787902, `Value for 'n' must be of integral type, but found ${type}`),
  );
  if (count > 0) return count;
  throw new MongoDBError(5787908, `'n' must be greater than 0, found ${count} for ${name}`);
}

function taking(take: (values: unknown[], count: number) => unknown[]): CompileAccumulator {
  return (operand, compiler, name) => {
    const { input, n } = fieldsOf(operand, name, ['input', 'n'], []);
    const value = compiler.compile(input);
    const limit = compiler.compile(n);
    return (first) => {
      const count = countOf(limit(first), name);
      const values: unknown[] = [];
      return { add: (scope) => values.push(value(scope) ?? null), value: () => take(values, count) };
    };
  };
}

function sorted(end: 1 | -1, amount: 'one' | 'many'): CompileAccumulator {
  return (operand, compiler, name) => {
    const { sortBy, output, n } = fieldsOf(
      operand,
      name,
      amount === 'one' ? ['sortBy', 'output'] : ['sortBy', 'output', 'n'],
      [],
    );
    if (!isDocument(sortBy)) throw new MongoDBError(5788604, `${name} requires 'sortBy' to be an object`);
    const key = compileSortKey(sortBy);
    const result = compiler.compile(output);
    const limit: Evaluate = amount === 'one' ? () => 1 : compiler.compile(n);
    return (first) => {
      const count = countOf(limit(first), name);
      const entries: { key: Buffer; value: unknown }[] = [];
      return {
        add: (scope) => entries.push({ key: key(scope.root as BsonDocument), value: result(scope) ?? null }),
        value: () => {
          const inOrder = entries.toSorted((a, b) => Buffer.compare(a.key, b.key)).map(({ value }) => value);
          const chosen = end === 1 ? inOrder.slice(0, count) : inOrder.slice(-count);
          return amount === 'one' ? chosen[0] : chosen;
        },
      };
    };
  };
}

function percentile(input: Evaluate, fractions: Evaluate, result: (values: unknown[]) => unknown): Accumulator {
  return (first) => {
    const wanted = fractions(first);
    const values: unknown[] = [];
    return {
      add: (scope) => values.push(input(scope)),
      value: () => result(percentiles(values, wanted)),
    };
  };
}
