import type { BsonDocument } from '../semantics/bson-document.js';
import { isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { firstMatch } from '../storage/document-search.js';
import { Query } from '../storage/query.js';
import type { Storage } from '../storage/storage.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { checkBatch } from './insert.js';
import { writeAll } from '../storage/write-all.js';
import { checkWritable, collectionOf } from './namespaces.js';
import { writeConcernOf } from './write-concern.js';
import { runStatements, writeErrors, type WriteStatement } from './write-statements.js';

/** `delete`, a word that JavaScript keeps for itself. */
export const remove: Command = async (request, { storage }) => {
  const { database, body } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const deletes = args.array('deletes');
  const ordered = args.boolean('ordered', true);
  const variables = args.variables();
  args.end();
  checkWritable(database, name);
  checkBatch(deletes.length);
  const { flushed } = writeConcernOf(body);
  const statements = deletes.map((each) => statementOf(each, { database, name, variables }, storage));
  const outcomes = await runStatements(storage, statements, ordered, flushed);
  const errors = writeErrors(outcomes);
  const n = outcomes.reduce<number>((sum, each) => sum + (typeof each === 'number' ? each : 0), 0);
  return { n, ...(errors && { writeErrors: errors }) };
};

interface Target {
  readonly database: string;
  readonly name: string;
  readonly variables?: BsonDocument;
}

function statementOf(given: unknown, target: Target, storage: Storage): WriteStatement<number> {
  if (!isDocument(given))
    throw new MongoDBError('TypeMismatch', "BSON field 'delete.deletes' holds what is no document");
  const args = new Arguments('delete.deletes', given, new Set());
  const filter = args.document('q');
  const limit = args.count('limit');
  const hint = args.any('hint');
  args.refuseCollation();
  args.end();
  if (limit !== 0 && limit !== 1) {
    throw new MongoDBError(
      'FailedToParse',
      `The limit field in delete objects must be 0 or 1. Got ${String(given.limit)}`,
    );
  }
  const query = onceAsked(() => new Query({ filter, hint, variables: target.variables }));
  if (limit === 0) {
    return {
      apply: () => 0,
      applyInParts: () => writeAll(storage, target, query(), (table, id, document) => table.remove(id, document)),
    };
  }
  return {
    apply: (tables) => {
      const collection = tables.catalog.find(target.database, target.name);
      const match = collection && firstMatch(tables, collection, query());
      if (!match) return 0;
      tables.documents(collection).remove(match.id, match.document);
      return 1;
    },
  };
}

/** Made when it is first needed: what is wrong with it is the failure of that one statement. */
export function onceAsked<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
