import { type BsonDocument, isDocument } from '../bson-document.js';
import { typeName } from '../expression/arguments.js';
import type { Compiler } from '../expression/compiler.js';
import { MongoDBError } from '../mongodb-error.js';
import { documentStages } from './document-stages.js';
import { groupStages } from './group-stages.js';
import { joinStages } from './join-stages.js';
import type { CompileStage, ReadCollection, Stage, StageCompiler } from './stage.js';
import { streamStages } from './stream-stages.js';
import { windowStages } from './window-stages.js';

const stages: ReadonlyMap<string, CompileStage> = new Map(
  Object.entries({
    ...streamStages,
    ...groupStages,
    ...joinStages,
    ...windowStages,
    ...Object.fromEntries(
      Object.entries(documentStages).map(([name, compile]): [string, CompileStage] => [
        name,
        (operand, { expressions }) => {
          const apply = compile(operand, expressions, name);
          return function* (input, around) {
            for (const document of input) yield apply(document, around);
          };
        },
      ]),
    ),
    $facet: (operand: unknown, compiler: StageCompiler): Stage => {
      if (!isDocument(operand) || Object.keys(operand).length === 0) {
        throw new MongoDBError(40169, 'the $facet specification must be a non-empty object');
      }
      const facets = Object.entries(operand).map(([name, each]) => [name, compiler.pipeline(each, '$facet')] as const);
      return (input, around) => {
        const documents = [...input];
        return [Object.fromEntries(facets.map(([name, run]) => [name, [...run(documents, around)]]))];
      };
    },
    $documents: (operand: unknown, { expressions }: StageCompiler): Stage => {
      const evaluate = expressions.compile(operand);
      return (_, around) => {
        const documents = evaluate({ root: {}, current: {}, ...around });
        if (Array.isArray(documents) && documents.every((each) => isDocument(each))) return documents;
        throw new MongoDBError(5858203, `$documents: an array of objects is expected, got ${typeName(documents)}`);
      };
    },
  }),
);

/** Stages of MongoDB's that this server does not have. */
const REFUSED = new Set([
  '$changeStreamSplitLargeEvent',
  '$currentOp',
  '$geoNear',
  '$listLocalSessions',
  '$listSampledQueries',
  '$listSearchIndexes',
  '$listSessions',
  '$planCacheStats',
  '$queryStats',
  '$rankFusion',
  '$search',
  '$searchMeta',
  '$shardedDataDistribution',
  '$vectorSearch',
]);

/** Stages that cannot stand in the pipeline of another stage. */
const OUTERMOST = new Set(['$out', '$merge', '$changeStream', '$collStats', '$indexStats']);

/** Makes pipelines ready, and notes the collections they read. */
export class PipelineCompiler implements StageCompiler {
  constructor(
    readonly expressions: Compiler,
    readonly collection: ReadCollection,
    readonly reads: (name: string) => void,
  ) {}

  with(...variables: readonly string[]): StageCompiler {
    if (variables.length === 0) return this;
    return new PipelineCompiler(this.expressions.with(...variables), this.collection, this.reads);
  }

  pipeline(pipeline: unknown, within: string): Stage {
    const compiled = stagesOf(pipeline).map((stage, index) => {
      const name = stageName(stage);
      if (OUTERMOST.has(name))
        throw new MongoDBError(51047, `${name} is not allowed within a ${within}'s sub-pipeline`);
      if (within === '$facet' && (name === '$facet' || name === '$documents')) {
        throw new MongoDBError(40600, `${name} is not allowed to be used within a $facet stage`);
      }
      return this.stage(stage, index);
    });
    return chained(compiled);
  }

  /** @throws {MongoDBError} 40324 for a stage that MongoDB does not know either, 238 for one that is not supported */
  stage(stage: BsonDocument, index: number): Stage {
    const name = stageName(stage);
    const compile = stages.get(name);
    if (compile) {
      if (name === '$documents' && index > 0) {
        throw new MongoDBError(40602, '$documents is only valid as the first stage in a pipeline');
      }
      return compile(stage[name], this, name);
    }
    if (REFUSED.has(name)) throw new MongoDBError('NotImplemented', `${name} is not supported by this server`);
    throw new MongoDBError(40324, `Unrecognized pipeline stage name: '${name}'`);
  }
}

/** One stage after the other. */
export function chained(compiled: readonly Stage[]): Stage {
  return (input, around) => compiled.reduce((documents, stage) => stage(documents, around), input);
}

/** @throws {MongoDBError} 14 for what is no array of documents */
export function stagesOf(pipeline: unknown): BsonDocument[] {
  if (!Array.isArray(pipeline)) {
    throw new MongoDBError('TypeMismatch', "'pipeline' option must be specified as an array");
  }
  return pipeline.map((stage) => {
    if (isDocument(stage)) return stage;
    throw new MongoDBError('TypeMismatch', "Each element of the 'pipeline' array must be an object");
  });
}

/** @throws {MongoDBError} 40323 when the stage has not one name */
export function stageName(stage: BsonDocument): string {
  const [name, ...others] = Object.keys(stage);
  if (name !== undefined && others.length === 0) return name;
  throw new MongoDBError(40323, 'A pipeline stage specification object must contain exactly one field.');
}
