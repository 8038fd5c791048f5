import { serialize } from 'bson';
import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { compileUpdate, type Update } from '../semantics/update.js';
import type { Collection } from '../storage/collection.js';
import { firstMatch } from '../storage/document-search.js';
import type { DocumentTable } from '../storage/document-table.js';
import { Query } from '../storage/query.js';
import type { Storage, Tables } from '../storage/storage.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { onceAsked } from './delete.js';
import { documentValidation } from './document-validation.js';
import { checkBatch } from './insert.js';
import { writeAll } from '../storage/write-all.js';
import { checkWritable, collectionOf } from './namespaces.js';
import { writeConcernOf } from './write-concern.js';
import { runStatements, writeErrors, type WriteStatement } from './write-statements.js';

/** What one statement did. */
interface UpdateOutcome {
  readonly matched: number;
  readonly modified: number;
  /** The `_id` of the document that was inserted since none matched. */
  readonly upserted?: { readonly id: unknown };
}

export const update: Command = async (request, { storage }) => {
  const { database, body } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const updates = args.array('updates');
  const ordered = args.boolean('ordered', true);
  const validated = !args.boolean('bypassDocumentValidation');
  const variables = args.variables();
  args.end();
  checkWritable(database, name);
  checkBatch(updates.length);
  const { flushed } = writeConcernOf(body);
  const target = { database, name, variables, validated };
  const statements = updates.map((each) => statementOf(each, target, storage));
  const outcomes = await runStatements(storage, statements, ordered, flushed);
  return reply(outcomes);
};

function reply(outcomes: readonly (UpdateOutcome | MongoDBError)[]): BsonDocument {
  let n = 0;
  let nModified = 0;
  const upserted: BsonDocument[] = [];
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome instanceof MongoDBError) continue;
    n += outcome.matched;
    nModified += outcome.modified;
    if (!outcome.upserted) continue;
    n++;
    upserted.push({ index, _id: outcome.upserted.id });
  }
  const errors = writeErrors([...outcomes]);
  return { n, nModified, ...(upserted.length > 0 && { upserted }), ...(errors && { writeErrors: errors }) };
}

interface Target {
  readonly database: string;
  readonly name: string;
  readonly variables?: BsonDocument;
  readonly validated: boolean;
}

interface Statement {
  readonly query: Query;
  readonly update: Update;
  readonly upsert: boolean;
}

function statementOf(given: unknown, target: Target, storage: Storage): WriteStatement<UpdateOutcome> {
  if (!isDocument(given))
    throw new MongoDBError('TypeMismatch', "BSON field 'update.updates' holds what is no document");
  const args = new Arguments('update.updates', given, new Set());
  const filter = args.document('q');
  const change = args.any('u');
  const multi = args.boolean('multi');
  const upsert = args.boolean('upsert');
  const arrayFilters = args.optionalArray('arrayFilters') as BsonDocument[] | undefined;
  const hint = args.any('hint');
  args.refuse('c', 'sort');
  args.refuseCollation();
  args.end();
  const statement = onceAsked((): Statement => {
    const { variables } = target;
    const compiled = compileUpdate(change, { filter, arrayFilters, variables });
    if (multi && compiled.kind === 'replacement') {
      throw new MongoDBError('FailedToParse', 'multi update is not supported for replacement-style update');
    }
    return { query: new Query({ filter, hint, variables }), update: compiled, upsert };
  });
  return {
    apply: (tables) => updateOne(tables, target, statement()),
    ...(multi && { applyInParts: () => updateAll(storage, target, statement()) }),
  };
}

function updateOne(tables: Tables, target: Target, { query, update, upsert }: Statement): UpdateOutcome {
  const { database, name } = target;
  const collection = tables.catalog.find(database, name);
  const match = collection && firstMatch(tables, collection, query);
  if (match) {
    const modified = modify(tables.documents(collection), match.id, match.document, update, target.validated);
    return { matched: 1, modified: Number(modified !== undefined) };
  }
  if (!upsert) return { matched: 0, modified: 0 };
  const document = insertUpserted(tables, target, update);
  return { matched: 0, modified: 0, upserted: { id: document._id } };
}

/** Inserts what an upsert begins with. @returns the document */
export function insertUpserted(tables: Tables, target: Omit<Target, 'variables'>, update: Update): BsonDocument {
  const document = update.upsert();
  const collection = tables.catalog.findOrCreate(target.database, target.name);
  if (target.validated) documentValidation(collection)(document);
  tables.documents(collection).insert(storable(document));
  return document;
}

async function updateAll(storage: Storage, target: Target, statement: Statement): Promise<UpdateOutcome> {
  const { query, update, upsert } = statement;
  for (;;) {
    const modified = new Set<number>();
    const matched = await writeAll(storage, target, query, (table, id, document) => {
      if (modify(table, id, document, update, target.validated)) modified.add(id);
    });
    if (matched > 0 || !upsert) return { matched, modified: modified.size };
    const outcome = await storage.write((tables) => {
      const collection = tables.catalog.find(target.database, target.name);
      if (collection && firstMatch(tables, collection, query)) return undefined; // somebody was faster
      return insertUpserted(tables, target, update);
    });
    if (outcome) return { matched: 0, modified: 0, upserted: { id: outcome._id } };
  }
}

/** Updates a document in its place. @returns the new one; undefined when it is as it was */
export function modify(
  table: DocumentTable,
  id: number,
  before: BsonDocument,
  update: Update,
  validated: boolean,
): BsonDocument | undefined {
  const { document, modified } = update.apply(before);
  if (!modified) return undefined;
  if (validated) validateChange(table.collection, before, document);
  table.replace(id, before, storable(document));
  return document;
}

function validateChange(collection: Collection, before: BsonDocument, after: BsonDocument): void {
  const check = documentValidation(collection);
  if (collection.options.validationLevel === 'moderate') {
    try {
      check(before);
    } catch {
      return; // it was not valid before, so it need not be now
    }
  }
  check(after);
}

const storable = (document: BsonDocument) => ({ document, body: Buffer.from(serialize(document)) });
