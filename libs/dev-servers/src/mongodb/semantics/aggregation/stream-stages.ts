import { Long } from 'bson';
import { wholeCount } from '../accumulation/folds.js';
import { type BsonDocument, isDocument, setField } from '../bson-document.js';
import { isTruthy, longNumber, typeName } from '../expression/arguments.js';
import type { Compiler } from '../expression/compiler.js';
import { scopeOf } from '../expression/scope.js';
import { compileFilter } from '../filter.js';
import { MongoDBError } from '../mongodb-error.js';
import { compileSortKey, sortDocuments } from '../sort.js';
import { outputPath, prefixedPath, valueThroughDocuments, withoutValueAt, withValueAt } from './paths.js';
import type { CompileStage, Stage, Surroundings } from './stage.js';

/** The stages that let documents through, order them, count them or take them apart. */
export const streamStages: Record<string, CompileStage> = {
  $match: (operand, { expressions }) => {
    if (!isDocument(operand)) {
      throw new MongoDBError(15959, 'the match filter must be an expression in an object');
    }
    return filtering(operand, expressions);
  },
  $limit: (operand) => {
    const count = stageCount(operand, 2107201, '$limit', 'the limit must be specified as a number');
    if (count <= 0) throw new MongoDBError(15958, 'the limit must be positive');
    return function* (input) {
      let left = count;
      for (const document of input) {
        yield document;
        left -= 1;
        if (left === 0) return;
      }
    };
  },
  $skip: (operand) => {
    const count = stageCount(operand, 5107200, '$skip', 'Argument to $skip must be a number');
    if (count < 0)
      throw new MongoDBError(
        5107200,
        `invalid argument to $skip stage: Expected a non-negative number in: $skip: ${count}`,
      );
    return function* (input) {
      let left = count;
      for (const document of input) {
        if (left > 0) left -= 1;
        else yield document;
      }
    };
  },
  $sort: (operand) => {
    if (!isDocument(operand)) throw new MongoDBError(15973, 'the $sort key specification must be an object');
    if (Object.keys(operand).length === 0) throw new MongoDBError(15976, '$sort stage must have at least one sort key');
    compileSortKey(operand);
    return (input) => sortDocuments(input, operand);
  },
  $sample: (operand) => {
    if (!isDocument(operand)) throw new MongoDBError(28745, 'the $sample stage specification must be an object');
    const count = stageCount(operand['size'], 28746, '$sample', 'size argument to $sample must be a number');
    if (count <= 0) throw new MongoDBError(28747, 'size argument to $sample must be a positive integer');
    return (input) => shuffled([...input]).slice(0, count);
  },
  $count: (operand) => {
    if (typeof operand !== 'string') throw new MongoDBError(40156, 'the count field must be a non-empty string');
    if (operand === '') throw new MongoDBError(40156, 'the count field must be a non-empty string');
    if (operand.startsWith('$')) throw new MongoDBError(40158, 'the count field cannot be a $-prefixed path');
    if (operand.includes('.')) throw new MongoDBError(40160, "the count field cannot contain '.'");
    return function* (input) {
      let count = 0;
      for (const _ of input) count += 1;
      if (count > 0) yield { [operand]: wholeCount(count) };
    };
  },
  $unwind: (operand) => {
    const options = isDocument(operand) ? operand : { path: operand };
    for (const name of Object.keys(options)) {
      if (!['path', 'includeArrayIndex', 'preserveNullAndEmptyArrays'].includes(name)) {
        throw new MongoDBError(28811, `unrecognized option to $unwind stage: ${name}`);
      }
    }
    if (typeof options['path'] !== 'string') {
      throw new MongoDBError(
        28808,
        `expected a string as the path for $unwind stage, got ${typeName(options['path'])}`,
      );
    }
    const path = prefixedPath(options['path'], 28818, '$unwind');
    const index = options['includeArrayIndex'];
    return unwinding(
      path,
      index === undefined ? undefined : outputPath(index, '$unwind'),
      isTruthy(options['preserveNullAndEmptyArrays']),
    );
  },
  $redact: (operand, { expressions }) => {
    const evaluate = expressions.compile(operand);
    return function* (input, around) {
      for (const document of input) {
        const rest = redacted(document, (level) => evaluate({ ...scopeOf(document, around), current: level }));
        if (rest) yield rest;
      }
    };
  },
};

/** A filter in whose `$expr` the variables around the pipeline can be used. */
export function filtering(filter: BsonDocument, expressions: Compiler): Stage {
  let around: Surroundings | undefined;
  const matches = compileFilter(filter, {
    condition: (expression) => {
      const evaluate = expressions.compile(expression);
      return (document) => isTruthy(evaluate(scopeOf(document, around!)));
    },
  });
  return function* (input, surroundings) {
    for (const document of input) {
      // Set for each document: a pipeline may be run for another document before this one has been read to its end.
      around = surroundings;
      if (matches(document)) yield document;
    }
  };
}

export function stageCount(value: unknown, code: number, stage: string, complaint: string): number {
  return Number(
    longNumber(
      value,
      (type) => new MongoDBError(code, `invalid argument to ${stage} stage: ${complaint}, found ${type}`),
    ),
  );
}

function shuffled<T>(items: T[]): T[] {
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = Math.floor(Math.random() * (index + 1));
    [items[index], items[other]] = [items[other]!, items[index]!];
  }
  return items;
}

function unwinding(path: readonly string[], indexPath: readonly string[] | undefined, preserve: boolean): Stage {
  const numbered = (document: BsonDocument, index: Long | null) =>
    indexPath ? withValueAt(document, indexPath, index) : document;
  return function* (input) {
    for (const document of input) {
      const value = valueThroughDocuments(document, path);
      if (Array.isArray(value) && value.length > 0) {
        for (const [index, element] of value.entries()) {
          yield numbered(withValueAt(document, path, element), Long.fromNumber(index));
        }
      } else if (value === undefined || value === null || Array.isArray(value)) {
        if (preserve) yield numbered(Array.isArray(value) ? withoutValueAt(document, path) : document, null);
      } else {
        yield numbered(document, null);
      }
    }
  };
}

function redacted(level: BsonDocument, decide: (level: BsonDocument) => unknown): BsonDocument | undefined {
  const decision = decide(level);
  if (decision === 'keep') return level;
  if (decision === 'prune') return undefined;
  if (decision !== 'descend') {
    throw new MongoDBError(17053, '$redact must resolve to $$DESCEND, $$PRUNE, or $$KEEP');
  }
  const result: BsonDocument = {};
  for (const [name, value] of Object.entries(level)) {
    const rest = redactedValue(value, decide);
    if (rest !== undefined) setField(result, name, rest);
  }
  return result;
}

function redactedValue(value: unknown, decide: (level: BsonDocument) => unknown): unknown {
  if (Array.isArray(value)) {
    return value.map((each) => redactedValue(each, decide)).filter((each) => each !== undefined);
  }
  return isDocument(value) ? redacted(value, decide) : value;
}
