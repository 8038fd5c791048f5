import { Long } from 'bson';
import type { Results } from '../cursors/cursor-registry.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { CursorBatch } from '../wire/bson-replies.js';
import { Arguments } from './arguments.js';
import type { Command, Request, Server } from './command.js';
import { checkCollection } from './namespaces.js';

/** The documents of a first batch when the client does not say how many it wants. */
export const FIRST_BATCH = 101;

/** When a command must be done, in terms of `performance.now()`. */
export function deadlineOf(args: Arguments): number {
  const most = args.count('maxTimeMS') ?? 0;
  return most > 0 ? performance.now() + most : Infinity;
}

/** Answers with the first batch, and opens a cursor for the rest if there is one. */
export async function firstBatch(
  { session }: Request,
  { cursors }: Server,
  namespace: string,
  results: Results,
  options: { batchSize: number; deadline: number; singleBatch?: boolean; keepsUnused?: boolean },
): Promise<CursorBatch> {
  const { batchSize, deadline, singleBatch = false, keepsUnused = false } = options;
  const { documents, ended } = await results.next(batchSize, deadline);
  const id = ended || singleBatch ? 0n : cursors.open({ namespace, session, results }, keepsUnused);
  return new CursorBatch('firstBatch', documents, id, namespace);
}

export const getMore: Command = async (request, { cursors }) => {
  const { database, session } = request;
  const args = argumentsOfGetMore(request);
  const namespace = `${database}.${args.collection}`;
  const batch = await cursors.use(args.cursor, namespace, session, ({ results }) =>
    results.next(args.batchSize || Infinity, args.deadline),
  );
  return new CursorBatch('nextBatch', batch.documents, batch.ended ? 0n : args.cursor, namespace);
};

function argumentsOfGetMore(request: Request) {
  const args = Arguments.of(request);
  const cursor = request.body.getMore;
  if (!(cursor instanceof Long)) {
    throw new MongoDBError('TypeMismatch', "BSON field 'getMore.getMore' is the wrong type, expected type 'long'");
  }
  const collection = args.string('collection');
  const batchSize = args.count('batchSize') ?? 0;
  const deadline = deadlineOf(args);
  args.end();
  return { cursor: cursor.toBigInt(), collection, batchSize, deadline };
}

export const killCursors: Command = (request, { cursors }) => {
  const { database, name, body } = request;
  const args = Arguments.of(request);
  const collection = args.string(name);
  const ids = args.array('cursors');
  args.end();
  checkCollection(database, collection);
  const killed: unknown[] = [];
  const notFound: unknown[] = [];
  for (const id of ids) {
    if (!(id instanceof Long)) throw new MongoDBError('TypeMismatch', `killCursors takes longs, not ${String(body.cursors)}`); // prettier-ignore
    (cursors.kill(id.toBigInt(), `${database}.${collection}`) ? killed : notFound).push(id);
  }
  return { cursorsKilled: killed, cursorsNotFound: notFound, cursorsAlive: [], cursorsUnknown: [] };
};
