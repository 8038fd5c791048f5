import { chained, PipelineCompiler, stageName, stagesOf } from './aggregation/pipeline.js';
import type { ReadCollection, Stage } from './aggregation/stage.js';
import type { BsonDocument } from './bson-document.js';
import { isDocument } from './bson-document.js';
import { type ExpressionOptions, expressions } from './expression.js';
import { MongoDBError } from './mongodb-error.js';

export interface AggregateOptions extends ExpressionOptions {
  /** Reads the other collections of the database, for `$lookup`, `$unionWith` and `$graphLookup`. */
  readonly collection: ReadCollection;
  /**
   * What stages that tell of the server rather than of documents give, by their names: `$collStats`, `$indexStats`. Each can
   * only be the first stage.
   */
  readonly sources?: Readonly<Record<string, (operand: unknown) => Iterable<BsonDocument>>>;
}

/** Where the results are to be written. */
export interface Output {
  readonly stage: '$out' | '$merge';
  /** What stands beside the stage's name. */
  readonly operand: unknown;
}

/** A pipeline made ready. */
export interface Pipeline {
  /**
   * The filter that the pipeline begins with, for the choice of an index; {@link run} applies it nevertheless. The empty
   * filter when there is none.
   */
  readonly match: BsonDocument;
  /** How many documents the pipeline reads at most, when nothing but `match` stands before its `$limit`. */
  readonly limit: number | undefined;
  /** Whether documents of the collection are read at all. */
  readonly readsCollection: boolean;
  /** The other collections that are read. */
  readonly collections: readonly string[];
  /** What the caller is to do with the results, if they are not to be returned. */
  readonly output: Output | undefined;
  /** The results, computed as they are read. */
  run(documents: Iterable<BsonDocument>): Iterable<BsonDocument>;
}

/**
 * @param pipeline the stages, as the command has them
 * @throws {MongoDBError} 40324 for an unknown stage, 168 for an unknown operator, 40601 for an output that is not last, and
 * what the stages find wrong
 */
export function compilePipeline(pipeline: unknown, options: AggregateOptions): Pipeline {
  const stages = stagesOf(pipeline);
  const { compiler, scope } = expressions(options);
  const collections = new Set<string>();
  const stageCompiler = new PipelineCompiler(compiler, options.collection, (name) => collections.add(name));
  const { sources = {} } = options;
  const first = stages[0] && stageName(stages[0]);
  const source = first !== undefined && Object.hasOwn(sources, first) ? sources[first] : undefined;
  const compiled = stages.flatMap((stage, index): Stage[] => {
    const name = stageName(stage);
    if (index === 0 && source) return [() => source(stage[name])];
    if (name === '$out' || name === '$merge') {
      if (index === stages.length - 1) return [];
      throw new MongoDBError(40601, `${name} can only be the final stage in the pipeline`);
    }
    if (name === '$changeStream') {
      throw new MongoDBError(40573, 'The $changeStream stage is only supported on replica sets');
    }
    if (name === '$collStats' || name === '$indexStats') {
      throw new MongoDBError(40602, `${name} is only valid as the first stage in a pipeline`);
    }
    return [stageCompiler.stage(stage, index)];
  });
  const run = chained(compiled);
  return {
    match: leadingMatch(stages),
    limit: leadingLimit(stages),
    readsCollection: !source && first !== '$documents',
    collections: [...collections],
    output: outputOf(stages.at(-1)),
    run: (documents) => run(documents, scope),
  };
}

function leadingMatch(stages: readonly BsonDocument[]): BsonDocument {
  const filters = untilOther(stages, '$match').filter((filter) => isDocument(filter));
  return filters.length <= 1 ? (filters[0] ?? {}) : { $and: filters };
}

function leadingLimit(stages: readonly BsonDocument[]): number | undefined {
  const next = stages[untilOther(stages, '$match').length];
  return next && stageName(next) === '$limit' ? Number(String(next['$limit'])) : undefined;
}

/** What the stages of a name say that the pipeline begins with. */
function untilOther(stages: readonly BsonDocument[], name: string): unknown[] {
  const other = stages.findIndex((stage) => stageName(stage) !== name);
  return stages.slice(0, other < 0 ? stages.length : other).map((stage) => stage[name]);
}

function outputOf(last: BsonDocument | undefined): Output | undefined {
  if (!last) return undefined;
  const stage = stageName(last);
  return stage === '$out' || stage === '$merge' ? { stage, operand: last[stage] } : undefined;
}
