import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { isNumber, toDouble } from '../semantics/numbers.js';

/** What a pipeline counts that does nothing else. */
export interface Counted {
  readonly filter: BsonDocument;
  readonly skip: number;
  /** Infinity when there is none. */
  readonly limit: number;
  /** The `_id` of the result. */
  readonly id: unknown;
}

/**
 * Recognises the pipelines that drivers make of `countDocuments`: `$match`, perhaps `$skip` and `$limit`, and a `$group` that
 * sums ones. They are frequent, and can be answered without a pipeline.
 */
export function countedPipeline(pipeline: readonly unknown[]): Counted | undefined {
  const stages = [...pipeline];
  const filter = taken(stages, '$match') ?? {};
  const skip = taken(stages, '$skip') ?? 0;
  const limit = taken(stages, '$limit') ?? Infinity;
  const group = taken(stages, '$group');
  if (stages.length > 0 || !isDocument(filter) || !isDocument(group)) return undefined;
  const { _id: id, n, ...others } = group;
  if (!isDocument(n) || Object.keys(n).join() !== '$sum' || Object.keys(others).length > 0) return undefined;
  if (!isCount(n.$sum) || toDouble(n.$sum) !== 1 || !(id === null || isNumber(id))) return undefined;
  if (!isCount(skip) || !isCount(limit)) return undefined;
  return { filter, skip: toDouble(skip), limit: toDouble(limit), id };
}

function taken(stages: unknown[], name: string): unknown {
  const [first] = stages;
  if (!isDocument(first) || Object.keys(first).join() !== name) return undefined;
  stages.shift();
  return first[name];
}

function isCount(value: unknown): value is Parameters<typeof toDouble>[0] {
  return isNumber(value) && toDouble(value) >= 0 && !Number.isNaN(toDouble(value));
}
