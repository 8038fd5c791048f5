import { ObjectId } from 'bson';
import { compileUpdatePipeline } from './aggregation/update-pipeline.js';
import { type BsonDocument, isDocument } from './bson-document.js';
import { bsonType } from './bson-types.js';
import { compileFilter, type Filter } from './filter.js';
import { checkId, checkStorable } from './insertable.js';
import { MongoDBError } from './mongodb-error.js';
import { identical } from './update/identical.js';
import { compileOperators } from './update/operators.js';
import { upsertId, upsertSeed } from './update/upsert-seed.js';
import type { ExpressionOptions } from './expression.js';

export interface UpdateOptions extends ExpressionOptions {
  /** The statement's filter: what `$` refers to, and what an upsert begins with. */
  readonly filter?: BsonDocument;
  /** Which elements `$[identifier]` stands for. */
  readonly arrayFilters?: readonly BsonDocument[];
}

export interface Updated {
  /** The new document; the very same as before when it was not modified. */
  readonly document: BsonDocument;
  /** Whether anything differs, types and order of fields included. */
  readonly modified: boolean;
}

/** An update statement's update, made ready once for all the documents it is applied to. */
export interface Update {
  readonly kind: 'replacement' | 'operators' | 'pipeline';
  /**
   * What becomes of a document, which itself is left as it is.
   *
   * @throws {MongoDBError} when it cannot be applied to this document, or would change its `_id`
   */
  readonly apply: (document: BsonDocument) => Updated;
  /** The document to insert where nothing matched: made of the filter's equalities and the update. */
  readonly upsert: () => BsonDocument;
}

/**
 * @param update operators, a whole document, or an array of pipeline stages
 * @throws {MongoDBError} when it is none of these, or says two things of one path
 */
export function compileUpdate(update: unknown, options: UpdateOptions = {}): Update {
  const { filter = {}, arrayFilters = [] } = options;
  if (Array.isArray(update)) {
    if (arrayFilters.length > 0) {
      throw new MongoDBError('FailedToParse', 'arrayFilters may not be specified for pipeline-syle updates');
    }
    return made('pipeline', compileUpdatePipeline(update, options), () => upsertSeed(filter));
  }
  if (!isDocument(update)) {
    throw new MongoDBError(
      'FailedToParse',
      `Update argument must be either an object or an array, not ${bsonType(update)}`,
    );
  }
  if (Object.keys(update)[0]?.startsWith('$')) {
    const test = onceNeeded(() => compileFilter(filter, options));
    const apply = compileOperators(update, arrayFilters, options.now ?? new Date());
    return made(
      'operators',
      (document, inserting) => apply(document, () => (inserting ? undefined : test().position(document)), inserting),
      () => upsertSeed(filter),
    );
  }
  checkReplacement(update);
  return made(
    'replacement',
    () => update,
    () => upsertId(filter),
  );
}

function made(
  kind: Update['kind'],
  change: (document: BsonDocument, inserting: boolean) => BsonDocument,
  seed: () => BsonDocument,
): Update {
  const changed = (before: BsonDocument, inserting: boolean) => {
    const after = kind === 'operators' ? change(before, inserting) : keepingId(before, change(before, inserting));
    checkSameId(before['_id'], after['_id'], kind);
    return after;
  };
  return {
    kind,
    apply: (before) => {
      const after = changed(before, false);
      if (identical(before, after)) return { document: before, modified: false };
      checkStorable(after);
      return { document: after, modified: true };
    },
    upsert: () => {
      const { _id = new ObjectId(), ...fields } = changed(seed(), true);
      checkId(_id);
      const document = { _id, ...fields };
      checkStorable(document);
      return document;
    },
  };
}

/** The replacement with the document's `_id`, which comes first, unless it brings its own. */
function keepingId(document: BsonDocument, replacement: BsonDocument): BsonDocument {
  if (!Object.hasOwn(document, '_id')) return replacement;
  const { _id, ...fields } = replacement;
  return { _id: _id === undefined ? document['_id'] : _id, ...fields };
}

function checkSameId(before: unknown, after: unknown, kind: Update['kind']): void {
  if (before === undefined || identical(before, after)) return;
  throw new MongoDBError(
    'ImmutableField',
    kind === 'operators'
      ? "Performing an update on the path '_id' would modify the immutable field '_id'"
      : "After applying the update, the (immutable) field '_id' was found to have been altered",
  );
}

function checkReplacement(replacement: BsonDocument): void {
  const operator = Object.keys(replacement).find((name) => name.startsWith('$'));
  if (operator === undefined) return;
  throw new MongoDBError(
    'DollarPrefixedFieldName',
    `The dollar ($) prefixed field '${operator}' in '${operator}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
  );
}

function onceNeeded(make: () => Filter): () => Filter {
  let made: Filter | undefined;
  return () => (made ??= make());
}
