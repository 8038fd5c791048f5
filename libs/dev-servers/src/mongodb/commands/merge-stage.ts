import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { compileUpdate, type Update } from '../semantics/update.js';
import type { Collection } from '../storage/collection.js';
import { firstMatch } from '../storage/document-search.js';
import { DuplicateKey } from '../storage/duplicate-key.js';
import { Query } from '../storage/query.js';
import type { Storage, Tables } from '../storage/storage.js';
import { Arguments } from './arguments.js';
import { outputTarget, type OutputTarget, type TakeDocuments } from './output-target.js';
import { insertUpserted, modify } from './update.js';

const WHEN_MATCHED = ['merge', 'replace', 'keepExisting', 'fail'] as const;
const WHEN_NOT_MATCHED = ['insert', 'discard', 'fail'] as const;

interface Merge {
  readonly target: OutputTarget;
  /** The paths by which a result is recognised in the target. */
  readonly on: readonly string[];
  readonly whenMatched: (typeof WHEN_MATCHED)[number] | readonly unknown[];
  readonly whenNotMatched: (typeof WHEN_NOT_MATCHED)[number];
  readonly variables: BsonDocument | undefined;
}

/** `$merge`: brings each result together with the document of the target that it belongs to. */
export async function mergeInto(
  storage: Storage,
  source: OutputTarget,
  operand: unknown,
  variables: BsonDocument | undefined,
  each: (take: TakeDocuments) => Promise<void>,
): Promise<void> {
  const merge = readMerge(source, operand, variables);
  await storage.read(({ catalog }) => checkUnique(catalog.find(merge.target.database, merge.target.name), merge));
  await each((results) =>
    storage.write((tables) => {
      for (const result of results) mergeOne(tables, merge, result);
    }),
  );
}

function readMerge(source: OutputTarget, operand: unknown, variables: BsonDocument | undefined): Merge {
  const args = new Arguments('$merge', isDocument(operand) ? operand : { into: operand }, new Set());
  const target = outputTarget(source, '$merge', args.any('into'));
  const on = args.any('on') ?? '_id';
  const whenMatched = args.any('whenMatched') ?? 'merge';
  const whenNotMatched = args.any('whenNotMatched') ?? 'insert';
  args.refuse('let');
  args.end();
  const paths = Array.isArray(on) ? on : [on];
  if (paths.length === 0 || !paths.every((path) => typeof path === 'string')) {
    throw new MongoDBError(51186, "$merge 'on' field must be either a string or an array of strings");
  }
  if (!Array.isArray(whenMatched) && !(WHEN_MATCHED as readonly unknown[]).includes(whenMatched)) {
    throw new MongoDBError('BadValue', `Enumeration value '${String(whenMatched)}' for field 'whenMatched' is not a valid value.`); // prettier-ignore
  }
  if (!(WHEN_NOT_MATCHED as readonly unknown[]).includes(whenNotMatched)) {
    throw new MongoDBError('BadValue', `Enumeration value '${String(whenNotMatched)}' for field '$merge.whenNotMatched' is not a valid value.`); // prettier-ignore
  }
  return {
    target,
    on: paths,
    whenMatched: whenMatched as Merge['whenMatched'],
    whenNotMatched: whenNotMatched as Merge['whenNotMatched'],
    variables,
  };
}

function checkUnique(collection: Collection | undefined, { on }: Merge): void {
  if (on.length === 1 && on[0] === '_id') return;
  const wanted = [...on].sort().join();
  const unique = collection?.indexes.some(
    ({ unique, partialFilter, fields }) => unique && !partialFilter && fields.map(({ path }) => path).sort().join() === wanted, // prettier-ignore
  );
  if (!unique) throw new MongoDBError(51183, 'Cannot find index to verify that join fields will be unique');
}

function mergeOne(
  tables: Tables,
  { target, on, whenMatched, whenNotMatched, variables }: Merge,
  result: BsonDocument,
): void {
  // prettier-ignore
  const collection = tables.catalog.find(target.database, target.name);
  const filter = filterOf(on, result);
  const match = collection && filter && firstMatch(tables, collection, new Query({ filter }));
  if (!match) {
    if (whenNotMatched === 'insert') insertUpserted(tables, { ...target, validated: true }, inserting(result));
    if (whenNotMatched !== 'fail') return;
    throw new MongoDBError('MergeStageNoMatchingDocument', '$merge could not find a matching document in the target collection for at least one document in the source collection'); // prettier-ignore
  }
  if (whenMatched === 'keepExisting') return;
  if (whenMatched === 'fail') {
    throw new DuplicateKey(`${target.database}.${target.name}`, on.join(), {}, filter);
  }
  const update = changing(whenMatched, match.document, result, variables);
  modify(tables.documents(collection), match.id, match.document, update, true);
}

/** Undefined for a result that no document can belong to: it has no `_id` yet. */
function filterOf(on: readonly string[], result: BsonDocument): BsonDocument | undefined {
  const values = on.map((path) => [path, valueAt(result, path)] as const);
  if (values.some(([path, value]) => path === '_id' && value === undefined)) return undefined;
  const bad = values.find(([, value]) => value === undefined || value === null || Array.isArray(value));
  if (bad) throw new MongoDBError(51132, `$merge write error: 'on' field '${bad[0]}' cannot be missing, null, undefined or an array`); // prettier-ignore
  return Object.fromEntries(values.map(([path, value]) => [path, { $eq: value }]));
}

function valueAt(document: BsonDocument, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (isDocument(value) ? value[name] : undefined), document);
}

function inserting({ _id, ...fields }: BsonDocument): Update {
  return compileUpdate(fields, { filter: _id === undefined ? {} : { _id: { $eq: _id } } });
}

function changing(
  whenMatched: 'merge' | 'replace' | readonly unknown[],
  before: BsonDocument,
  result: BsonDocument,
  variables: BsonDocument | undefined,
): Update {
  // prettier-ignore
  if (Array.isArray(whenMatched)) return compileUpdate(whenMatched, { variables: { ...variables, new: result } });
  const { _id, ...fields } = result;
  return compileUpdate(whenMatched === 'merge' ? { ...before, ...fields } : fields);
}
