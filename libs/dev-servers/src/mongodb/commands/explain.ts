import type { BsonDocument } from '../semantics/bson-document.js';
import { isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { AccessPath } from '../storage/access-path.js';
import type { Index } from '../storage/collection.js';
import { DocumentScan } from '../storage/document-scan.js';
import { ID_INDEX } from '../storage/index-specification.js';
import { Query } from '../storage/query.js';
import type { Storage } from '../storage/storage.js';
import { Arguments } from './arguments.js';
import type { Command, Request } from './command.js';
import { MONGODB_VERSION } from './handshake.js';
import { collectionOf } from './namespaces.js';

/** Says which index a command would use, and how many documents it would look at. The command itself is not run. */
export const explain: Command = async (request, { storage }) => {
  const args = Arguments.of(request);
  const explained = args.document('explain');
  const verbosity = verbosityOf(args.optionalString('verbosity'));
  args.end();
  const [name = ''] = Object.keys(explained);
  const inner: Request = { ...request, name, body: explained };
  return explainQuery(storage, inner, queryOf(name, explained), verbosity !== 'queryPlanner');
};

const VERBOSITIES = ['queryPlanner', 'executionStats', 'allPlansExecution'];

function verbosityOf(wanted = 'allPlansExecution'): string {
  if (VERBOSITIES.includes(wanted)) return wanted;
  throw new MongoDBError(
    'BadValue',
    `Enumeration value '${wanted}' for field 'explain.verbosity' is not a valid value.`,
  );
}

function queryOf(name: string, command: BsonDocument): Query {
  const { filter = {}, query = {}, sort, hint, pipeline, updates, deletes } = command;
  switch (name) {
    case 'find':
      return new Query({ filter: filter as BsonDocument, sort: sort as BsonDocument | undefined, hint });
    case 'count':
    case 'distinct':
      return new Query({ filter: query as BsonDocument, hint });
    case 'findAndModify':
      return new Query({ filter: query as BsonDocument, sort: sort as BsonDocument | undefined, hint });
    case 'aggregate':
      return new Query({ filter: leadingMatch(pipeline), hint });
    case 'update':
    case 'delete':
      return statementQuery(name === 'update' ? updates : deletes);
    default:
      throw new MongoDBError('CommandNotFound', `Explain failed due to unknown command: ${name}`);
  }
}

/** The filter that a pipeline begins with. */
export function leadingMatch(pipeline: unknown): BsonDocument {
  const first = Array.isArray(pipeline) ? (pipeline[0] as BsonDocument | undefined) : undefined;
  return isDocument(first?.$match) ? first.$match : {};
}

function statementQuery(statements: unknown): Query {
  const [statement, ...others] = Array.isArray(statements) ? (statements as BsonDocument[]) : [];
  if (!isDocument(statement) || others.length > 0) throw new MongoDBError('InvalidOptions', 'explained write batches must be of size 1'); // prettier-ignore
  return new Query({ filter: (statement.q ?? {}) as BsonDocument, hint: statement.hint });
}

/** @param executed whether to look for the documents, too */
export async function explainQuery(
  storage: Storage,
  request: Request,
  query: Query,
  executed: boolean,
): Promise<BsonDocument> {
  // prettier-ignore
  const { database } = request;
  const name = collectionOf(request);
  const planned = await storage.read(({ catalog }) => {
    const collection = catalog.find(database, name);
    return collection && { collection, path: query.pathIn(collection) };
  });
  const queryPlanner = {
    namespace: `${database}.${name}`,
    winningPlan: planned ? planOf(planned.path) : { stage: 'EOF' },
    rejectedPlans: [],
  };
  const serverInfo = { version: MONGODB_VERSION.slice(0, 3).join('.') };
  if (!executed) return { explainVersion: '1', queryPlanner, serverInfo };
  let nReturned = 0;
  let totalDocsExamined = 0;
  const start = performance.now();
  if (planned) {
    const scan = new DocumentScan(planned.collection.id, planned.path);
    await storage.readInTurns(({ catalog, statements }, turnEnds) => {
      if (catalog.find(database, name)?.id !== planned.collection.id) return true;
      scan.read(statements, ({ body }) => {
        totalDocsExamined++;
        if (query.matching(body)) nReturned++;
        return performance.now() < turnEnds;
      });
      return scan.ended;
    });
  }
  const executionTimeMillis = Math.round(performance.now() - start);
  const executionStats = { executionSuccess: true, nReturned, executionTimeMillis, totalDocsExamined };
  return { explainVersion: '1', queryPlanner, executionStats, serverInfo };
}

function planOf({ by, reversed, sorted }: AccessPath): BsonDocument {
  const direction = reversed ? 'backward' : 'forward';
  const scan =
    by === 'natural' ? { stage: 'COLLSCAN', direction } : { stage: 'FETCH', inputStage: indexScan(by, direction) };
  return sorted ? scan : { stage: 'SORT', inputStage: scan };
}

function indexScan(by: 'id' | Index, direction: string): BsonDocument {
  const { name, key } = by === 'id' ? ID_INDEX : by.specification;
  return { stage: 'IXSCAN', indexName: name, keyPattern: key, direction };
}
