import { FindResults } from '../cursors/find-results.js';
import { type BsonDocument, readDocument } from '../semantics/bson-document.js';
import { distinctValues } from '../semantics/distinct.js';
import { Query } from '../storage/query.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { deadlineOf } from './cursor-replies.js';
import { collectionOf } from './namespaces.js';

/** Documents that are looked at in one go. */
const AT_ONCE = 1_000;

export const distinct: Command = async (request, { storage }) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const path = args.string('key');
  const filter = args.optionalDocument('query') ?? {};
  const hint = args.any('hint');
  const deadline = deadlineOf(args);
  args.refuseCollation();
  args.end();
  const query = new Query({ filter, hint });
  const results = await storage.read(({ catalog }) => {
    const collection = catalog.find(database, name);
    return collection && new FindResults(storage, collection, query, { skip: 0, limit: Infinity });
  });
  let values: unknown[] = [];
  for (let ended = !results; !ended;) {
    const batch = await results!.next(AT_ONCE, deadline);
    const known: BsonDocument[] = values.map((value) => wrapped(path, value));
    values = distinctValues([...known, ...batch.documents.map(readDocument)], path);
    ended = batch.ended;
  }
  return { values };
};

/** A document in which the path leads to the value. */
function wrapped(path: string, value: unknown): BsonDocument {
  // In an array, so that a value that is an array itself stays whole.
  return path.split('.').reduceRight<unknown>((inner, name) => ({ [name]: inner }), [value]) as BsonDocument;
}
