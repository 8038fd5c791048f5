import type { BsonDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { compileProjection } from '../semantics/projection.js';
import { compileUpdate, type Update } from '../semantics/update.js';
import { firstMatch } from '../storage/document-search.js';
import { Query } from '../storage/query.js';
import type { Tables } from '../storage/storage.js';
import { Arguments } from './arguments.js';
import type { Command, Request } from './command.js';
import { checkWritable, collectionOf } from './namespaces.js';
import { insertUpserted, modify } from './update.js';
import { writeConcernOf } from './write-concern.js';

type Show = (document: BsonDocument) => BsonDocument;

interface Wanted {
  readonly database: string;
  readonly name: string;
  readonly query: Query;
  /** Undefined when the document is to be removed. */
  readonly update: Update | undefined;
  readonly upsert: boolean;
  /** Whether the document is given as it is afterwards. */
  readonly giveNew: boolean;
  readonly show: Show;
  readonly validated: boolean;
}

export const findAndModify: Command = async (request, { storage }) => {
  const wanted = wantedBy(request);
  const { flushed } = writeConcernOf(request.body);
  const reply = await storage.write((tables) => perform(tables, wanted));
  if (flushed) await storage.flush();
  return reply;
};

function wantedBy(request: Request): Wanted {
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const filter = args.optionalDocument('query') ?? {};
  const sort = args.optionalDocument('sort');
  const remove = args.boolean('remove');
  const change = args.any('update');
  const giveNew = args.boolean('new');
  const upsert = args.boolean('upsert');
  const projection = args.optionalDocument('fields') ?? {};
  const arrayFilters = args.optionalArray('arrayFilters') as BsonDocument[] | undefined;
  const variables = args.variables();
  const hint = args.any('hint');
  const validated = !args.boolean('bypassDocumentValidation');
  args.refuseCollation();
  args.end();
  checkWritable(request.database, name);
  if (remove === (change !== undefined)) {
    throw new MongoDBError('FailedToParse', remove ? 'Cannot specify both an update and remove=true' : 'Either an update or remove=true must be specified'); // prettier-ignore
  }
  if (remove && (upsert || giveNew)) {
    throw new MongoDBError('FailedToParse', `Cannot specify both ${upsert ? 'upsert' : 'new'}=true and remove=true`);
  }
  return {
    database: request.database,
    name,
    query: new Query({ filter, sort, hint, variables }),
    update: remove ? undefined : compileUpdate(change, { filter, arrayFilters, variables }),
    upsert,
    giveNew,
    show: compileProjection(projection, { filter, variables }),
    validated,
  };
}

function perform(tables: Tables, wanted: Wanted): BsonDocument {
  const { database, name, query, update, upsert, giveNew, show, validated } = wanted;
  const collection = tables.catalog.find(database, name);
  const match = collection && firstMatch(tables, collection, query);
  if (match) {
    const table = tables.documents(collection);
    if (!update) {
      table.remove(match.id, match.document);
      return { lastErrorObject: { n: 1 }, value: show(match.document) };
    }
    const after = modify(table, match.id, match.document, update, validated) ?? match.document;
    return { lastErrorObject: { n: 1, updatedExisting: true }, value: show(giveNew ? after : match.document) };
  }
  if (!update) return { lastErrorObject: { n: 0 }, value: null };
  if (!upsert) return { lastErrorObject: { n: 0, updatedExisting: false }, value: null };
  const inserted = insertUpserted(tables, { database, name, validated }, update);
  return {
    lastErrorObject: { n: 1, updatedExisting: false, upserted: inserted._id },
    value: giveNew ? show(inserted) : null,
  };
}
