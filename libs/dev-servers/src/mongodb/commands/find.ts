import { serialize } from 'bson';
import { FindResults } from '../cursors/find-results.js';
import { NO_RESULTS } from '../cursors/no-results.js';
import type { BsonDocument } from '../semantics/bson-document.js';
import { compileProjection } from '../semantics/projection.js';
import { Query } from '../storage/query.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { deadlineOf, FIRST_BATCH, firstBatch } from './cursor-replies.js';
import { collectionOf } from './namespaces.js';

export const find: Command = async (request, server) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const filter = args.optionalDocument('filter') ?? {};
  const sort = args.optionalDocument('sort');
  const projection = args.optionalDocument('projection');
  const skip = args.count('skip') ?? 0;
  const limit = args.count('limit') || Infinity;
  const batchSize = args.count('batchSize') ?? FIRST_BATCH;
  const singleBatch = args.boolean('singleBatch');
  const keepsUnused = args.boolean('noCursorTimeout');
  const deadline = deadlineOf(args);
  const variables = args.variables();
  const hint = args.any('hint');
  args.refuseCollation();
  args.refuse('tailable', 'awaitData', 'oplogReplay', 'returnKey', 'showRecordId', 'min', 'max');
  args.ignore('allowDiskUse', 'allowPartialResults');
  args.end();
  const query = new Query({ filter, sort, hint, variables });
  const project = projection && projecting(compileProjection(projection, { filter, variables }));
  const results = await server.storage.read(({ catalog }) => {
    const collection = catalog.find(database, name);
    if (!collection) return NO_RESULTS;
    return new FindResults(server.storage, collection, query, { skip, limit, project });
  });
  return firstBatch(request, server, `${database}.${name}`, results, { batchSize, deadline, singleBatch, keepsUnused });
};

function projecting(project: (document: BsonDocument) => BsonDocument) {
  return (document: BsonDocument) => serialize(project(document));
}
