import { serialize } from 'bson';
import { AggregateResults } from '../cursors/aggregate-results.js';
import type { Results } from '../cursors/cursor-registry.js';
import { ListedResults } from '../cursors/listed-results.js';
import { checkTime } from '../cursors/time-limit.js';
import { compilePipeline, type Pipeline } from '../semantics/aggregate.js';
import type { BsonDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { documentsAlong, documentsOf } from '../storage/collection-documents.js';
import { countMatches } from '../storage/counting.js';
import { Query } from '../storage/query.js';
import type { Tables } from '../storage/storage.js';
import { Arguments } from './arguments.js';
import { countedPipeline } from './counted-pipeline.js';
import type { Command, Server } from './command.js';
import { deadlineOf, FIRST_BATCH, firstBatch } from './cursor-replies.js';
import { explainQuery, leadingMatch } from './explain.js';
import { collectionOf } from './namespaces.js';
import { writeOutput } from './pipeline-output.js';
import { collectionStatistics, indexStatistics } from './statistics-stages.js';
import { writeConcernOf } from './write-concern.js';

/** The name that stands for the database itself, in namespaces. */
const NO_COLLECTION = '$cmd.aggregate';

interface Aggregation {
  readonly database: string;
  /** Undefined when the pipeline is of the database and not of a collection. */
  readonly name: string | undefined;
  readonly pipeline: readonly BsonDocument[];
  readonly hint: unknown;
  readonly variables: BsonDocument | undefined;
}

export const aggregate: Command = async (request, server) => {
  const { database, body } = request;
  const name = typeof body.aggregate === 'string' ? collectionOf(request) : undefined;
  const args = Arguments.of(request);
  const pipeline = args.array('pipeline') as BsonDocument[];
  const cursor = args.optionalDocument('cursor');
  const explain = args.boolean('explain');
  const hint = args.any('hint');
  const variables = args.variables();
  const deadline = deadlineOf(args);
  args.refuseCollation();
  args.ignore('allowDiskUse', 'bypassDocumentValidation');
  args.end();
  if (!cursor && !explain) {
    throw new MongoDBError('FailedToParse', "The 'cursor' option is required, except for aggregate with the explain argument"); // prettier-ignore
  }
  const batchSize = new Arguments('aggregate.cursor', cursor ?? {}, new Set()).count('batchSize') ?? FIRST_BATCH;
  const aggregation: Aggregation = { database, name, pipeline, hint, variables };
  if (explain) return explainQuery(server.storage, request, new Query({ filter: leadingMatch(pipeline), hint }), false);
  const results = await resultsOf(aggregation, server, deadline, writeConcernOf(body).flushed);
  const namespace = `${database}.${name ?? NO_COLLECTION}`;
  return firstBatch(request, server, namespace, results, { batchSize, deadline });
};

async function resultsOf(
  aggregation: Aggregation,
  server: Server,
  deadline: number,
  flushed: boolean,
): Promise<Results> {
  const { storage } = server;
  const { database, name, pipeline, hint, variables } = aggregation;
  const counted = name === undefined ? undefined : countedPipeline(pipeline);
  if (counted && name !== undefined) {
    const query = new Query({ filter: counted.filter, hint, variables });
    const found = await countMatches(storage, { database, name }, query, counted.skip + counted.limit, () => checkTime(deadline)); // prettier-ignore
    const n = Math.max(0, found - counted.skip);
    return new ListedResults(n > 0 ? [serialize({ _id: counted.id, n })] : []);
  }
  const { compiled, documents } = await storage.read((tables) => prepare(tables, aggregation));
  const results = new AggregateResults(storage, documents);
  if (!compiled.output) return results;
  await writeOutput(storage, { database, name: name ?? '' }, compiled.output, results, {
    deadline,
    flushed,
    variables,
  });
  return new ListedResults([]);
}

function prepare(tables: Tables, aggregation: Aggregation): { compiled: Pipeline; documents: Iterable<BsonDocument> } {
  const { database, name, pipeline, hint, variables } = aggregation;
  const collection = name === undefined ? undefined : tables.catalog.find(database, name);
  const compiled = compilePipeline(pipeline, {
    variables,
    collection: (each) => {
      const other = tables.catalog.find(database, each);
      return other ? documentsOf(tables, other) : [];
    },
    sources: {
      $collStats: (operand) => collectionStatistics(tables, { database, name }, operand),
      $indexStats: indexStatistics,
    },
  });
  if (compiled.readsCollection && name === undefined) {
    throw new MongoDBError(
      'InvalidNamespace',
      '{aggregate: 1} is not valid for this pipeline; a collection is required',
    );
  }
  if (!collection || !compiled.readsCollection) return { compiled, documents: compiled.run([]) };
  const path = new Query({ filter: compiled.match, hint, variables }).pathIn(collection);
  return { compiled, documents: compiled.run(documentsAlong(tables, collection, path)) };
}
