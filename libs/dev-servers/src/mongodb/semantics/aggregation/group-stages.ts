import { type Accumulation, type Accumulator, compileAccumulator } from '../accumulation/accumulators.js';
import { type BsonDocument, isDocument } from '../bson-document.js';
import { rankOf } from '../bson-types.js';
import { compareValues } from '../compare.js';
import { isNullish, stageFields, typeName } from '../expression/arguments.js';
import type { Compiler, Evaluate } from '../expression/compiler.js';
import { type Scope, scopeOf } from '../expression/scope.js';
import { keyOf } from '../expression/set-operators.js';
import { MongoDBError } from '../mongodb-error.js';
import { stageCount } from './stream-stages.js';
import type { CompileStage, Stage } from './stage.js';

/** The stages that make one document of many. */
export const groupStages: Record<string, CompileStage> = {
  $group: (operand, { expressions }) => {
    if (!isDocument(operand)) throw new MongoDBError(15947, "a group's fields must be specified in an object");
    if (!Object.hasOwn(operand, '_id')) throw new MongoDBError(15955, 'a group specification must include an _id');
    const { _id, ...fields } = operand;
    const key = expressions.compile(_id);
    const outputs = compileOutputs(fields, expressions);
    return function* (input, around) {
      const groups = new Groups(outputs);
      for (const document of input) {
        const scope = scopeOf(document, around);
        groups.add(key(scope) ?? null, scope);
      }
      yield* groups.documents();
    };
  },
  $sortByCount: (operand, { expressions }) => {
    checkCounted(operand);
    const key = expressions.compile(operand);
    const outputs = compileOutputs({ count: { $sum: 1 } }, expressions);
    return (input, around) => {
      const groups = new Groups(outputs);
      for (const document of input) {
        const scope = scopeOf(document, around);
        groups.add(key(scope) ?? null, scope);
      }
      return [...groups.documents()].sort((a, b) => compareValues(b['count'], a['count']));
    };
  },
  $bucket: (operand, { expressions }, name) => {
    const fields = stageFields(operand, name, ['groupBy', 'boundaries'], ['default', 'output'], 40197);
    const { boundaries, output = { count: { $sum: 1 } } } = fields;
    const limits = boundariesOf(boundaries, expressions);
    const hasDefault = Object.hasOwn(fields, 'default');
    const fallback = constant(fields['default'], expressions);
    if (hasDefault) checkDefault(fallback, limits);
    const value = expressions.compile(fields['groupBy']);
    const outputs = compileOutputs(asOutput(output, name), expressions);
    return (input, around) => {
      const groups = new Groups(outputs);
      for (const document of input) {
        const scope = scopeOf(document, around);
        groups.add(bucketOf(value(scope), limits, hasDefault, fallback), scope);
      }
      return [...groups.documents()].sort((a, b) => compareValues(a['_id'], b['_id']));
    };
  },
  $bucketAuto: (operand, { expressions }, name) => {
    const fields = stageFields(operand, name, ['groupBy', 'buckets'], ['output', 'granularity'], 40246);
    if (fields['granularity'] !== undefined) {
      throw new MongoDBError('NotImplemented', "the 'granularity' of $bucketAuto is not supported by this server");
    }
    const count = stageCount(fields['buckets'], 40241, name, "the 'buckets' field must be a number");
    if (count <= 0)
      throw new MongoDBError(40243, `The $bucketAuto 'buckets' field must be greater than 0, but found: ${count}`);
    const value = expressions.compile(fields['groupBy']);
    const outputs = compileOutputs(asOutput(fields['output'] ?? { count: { $sum: 1 } }, name), expressions);
    return autoBuckets(value, count, outputs);
  },
};

/** @throws {MongoDBError} unless it is a path or one expression */
function checkCounted(operand: unknown): void {
  const wanted = 'the sortByCount field must be defined as a $-prefixed path or an expression inside an object';
  if (isDocument(operand)) {
    if (!Object.keys(operand)[0]?.startsWith('$')) throw new MongoDBError(40147, wanted);
  } else if (typeof operand !== 'string') {
    throw new MongoDBError(40149, 'the sortByCount field must be specified as a string or as an object');
  } else if (!operand.startsWith('$')) {
    throw new MongoDBError(40148, wanted);
  }
}

type Outputs = readonly (readonly [string, Accumulator])[];

/** The fields of a group's document, each an accumulator. */
export function compileOutputs(fields: BsonDocument, compiler: Compiler): Outputs {
  return Object.entries(fields).map(([name, output]) => {
    if (name.includes('.')) throw new MongoDBError(40235, `The field name '${name}' cannot contain '.'`);
    if (name.startsWith('$')) throw new MongoDBError(40236, `The field name '${name}' cannot be an operator name`);
    if (!isDocument(output)) throw new MongoDBError(40234, `The field '${name}' must be an accumulator object`);
    const [accumulator, ...others] = Object.keys(output);
    if (accumulator === undefined || others.length > 0) {
      throw new MongoDBError(40238, `The field '${name}' must specify one accumulator`);
    }
    return [name, compileAccumulator(accumulator, output[accumulator], compiler)] as const;
  });
}

interface Group {
  readonly id: unknown;
  readonly accumulations: readonly (readonly [string, Accumulation])[];
}

/** Groups in the order in which their first documents came. */
class Groups {
  readonly #groups = new Map<string, Group>();

  constructor(private readonly outputs: Outputs) {}

  add(id: unknown, scope: Scope): void {
    const key = typeof id === 'string' ? `s${id}` : `k${keyOf(id)}`;
    let group = this.#groups.get(key);
    if (!group) {
      group = { id, accumulations: this.outputs.map(([name, begin]) => [name, begin(scope)] as const) };
      this.#groups.set(key, group);
    }
    for (const [, accumulation] of group.accumulations) accumulation.add(scope);
  }

  *documents(): Iterable<BsonDocument> {
    for (const { id, accumulations } of this.#groups.values()) {
      const document: BsonDocument = { _id: id };
      for (const [name, accumulation] of accumulations) document[name] = accumulation.value() ?? null;
      yield document;
    }
  }
}

const NOWHERE = { root: {}, current: {}, now: new Date(0), bindings: undefined };

/** The value of an expression that refers to nothing. */
function constant(expression: unknown, compiler: Compiler): unknown {
  return compiler.compile(expression)(NOWHERE) ?? null;
}

function boundariesOf(boundaries: unknown, compiler: Compiler): unknown[] {
  if (!Array.isArray(boundaries)) {
    throw new MongoDBError(
      40200,
      `The $bucket 'boundaries' field must be an array, but found type: ${typeName(boundaries)}`,
    );
  }
  if (boundaries.length < 2) {
    throw new MongoDBError(
      40192,
      `The $bucket 'boundaries' field must have at least 2 values, but found ${boundaries.length} value(s).`,
    );
  }
  const values = boundaries.map((each) => constant(each, compiler));
  for (let index = 1; index < values.length; index += 1) {
    if (rankOf(values[index]) !== rankOf(values[index - 1])) {
      throw new MongoDBError(40193, "All values in the the 'boundaries' option to $bucket must have the same type.");
    }
    if (compareValues(values[index - 1], values[index]) >= 0) {
      throw new MongoDBError(40194, "The 'boundaries' option to $bucket must be sorted, and no two may be equal.");
    }
  }
  return values;
}

function checkDefault(fallback: unknown, boundaries: readonly unknown[]): void {
  if (compareValues(fallback, boundaries[0]) >= 0 && compareValues(fallback, boundaries.at(-1)) < 0) {
    throw new MongoDBError(
      40199,
      "The $bucket 'default' field must be less than the lowest boundary or greater than or equal to the highest boundary.",
    );
  }
}

function bucketOf(value: unknown, boundaries: readonly unknown[], hasDefault: boolean, fallback: unknown): unknown {
  if (!isNullish(value) || rankOf(boundaries[0]) === rankOf(null)) {
    for (let index = boundaries.length - 1; index >= 0; index -= 1) {
      if (compareValues(value ?? null, boundaries[index]) < 0) continue;
      if (index < boundaries.length - 1) return boundaries[index];
      break;
    }
  }
  if (hasDefault) return fallback;
  throw new MongoDBError(40066, '$switch could not find a matching branch for an input, and no default was specified.');
}

function asOutput(output: unknown, name: string): BsonDocument {
  if (isDocument(output)) return output;
  throw new MongoDBError(40196, `The ${name} 'output' field must be an object, but found type: ${typeName(output)}`);
}

/** Buckets of about the same size; equal values are never parted. */
function autoBuckets(value: Evaluate, buckets: number, outputs: Outputs): Stage {
  return function* (input, around) {
    const entries = Array.from(input, (document) => {
      const scope = scopeOf(document, around);
      return { scope, value: value(scope) ?? null };
    }).sort((a, b) => compareValues(a.value, b.value));
    const size = Math.max(1, Math.round(entries.length / buckets));
    for (let start = 0, number = 1; start < entries.length; number += 1) {
      let end = number === buckets ? entries.length : Math.min(start + size, entries.length);
      while (end < entries.length && compareValues(entries[end]!.value, entries[end - 1]!.value) === 0) end += 1;
      const groups = new Groups(outputs);
      const max = entries[end]?.value ?? entries[end - 1]!.value;
      const id = { min: entries[start]!.value, max };
      for (const { scope } of entries.slice(start, end)) groups.add(id, scope);
      yield* groups.documents();
      start = end;
    }
  };
}
