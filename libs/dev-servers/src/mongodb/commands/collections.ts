import { Binary, serialize } from 'bson';
import { ListedResults } from '../cursors/listed-results.js';
import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { compileFilter } from '../semantics/filter.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Collection } from '../storage/collection.js';
import { ID_INDEX } from '../storage/index-specification.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { FIRST_BATCH, firstBatch } from './cursor-replies.js';
import { existing } from './indexes.js';
import { checkCollection, checkDatabase, checkWritable, collectionOf } from './namespaces.js';

const VALIDATION = ['validator', 'validationLevel', 'validationAction'] as const;

export const create: Command = async (request, { storage }) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const options = validationOptions(args);
  args.refuse('capped', 'timeseries', 'viewOn', 'pipeline', 'clusteredIndex', 'encryptedFields');
  args.refuse('changeStreamPreAndPostImages', 'expireAfterSeconds');
  args.refuseCollation();
  args.ignore('size', 'max', 'autoIndexId', 'storageEngine', 'indexOptionDefaults', 'idIndex', 'flags', 'temp');
  args.end();
  checkWritable(database, name);
  await storage.write(({ catalog }) => {
    const there = catalog.find(database, name);
    if (!there || !sameOptions(there.options, options)) catalog.create(database, name, options);
  });
  return {};
};

/** `collMod`: changes the validator and the expiry of an index. */
export const collMod: Command = async (request, { storage }) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const changed = validationOptions(args);
  const index = args.optionalDocument('index');
  args.refuse('viewOn', 'pipeline', 'cappedSize', 'cappedMax', 'timeseries', 'changeStreamPreAndPostImages');
  args.refuse('expireAfterSeconds', 'dryRun');
  args.end();
  return storage.write(({ catalog }) => {
    const collection = existing(catalog.find(database, name), database, name);
    catalog.setOptions(collection, withoutEmptyValidator({ ...collection.options, ...changed }));
    if (!index) return {};
    const found = collection.indexes.find(({ name }) => name === index.name);
    if (!found) throw new MongoDBError('IndexNotFound', `cannot find index ${String(index.name)} for ns ${database}.${name}`); // prettier-ignore
    const { expireAfterSeconds = found.specification.expireAfterSeconds, hidden = found.specification.hidden } = index;
    const { expireAfterSeconds: _seconds, hidden: _hidden, ...rest } = found.specification;
    catalog.redeclareIndex(found, {
      ...rest,
      ...(expireAfterSeconds !== undefined && { expireAfterSeconds }),
      ...(hidden === true && { hidden }),
    });
    return {};
  });
};

function validationOptions(args: Arguments): BsonDocument {
  const validator = args.optionalDocument('validator');
  const validationLevel = args.optionalString('validationLevel');
  const validationAction = args.optionalString('validationAction');
  if (validator) compileFilter(validator);
  checkOneOf('validationLevel', validationLevel, ['off', 'moderate', 'strict']);
  checkOneOf('validationAction', validationAction, ['error', 'warn']);
  return {
    ...(validator && { validator }),
    ...(validationLevel !== undefined && { validationLevel }),
    ...(validationAction !== undefined && { validationAction }),
  };
}

function checkOneOf(name: string, value: string | undefined, values: readonly string[]): void {
  if (value === undefined || values.includes(value)) return;
  throw new MongoDBError('BadValue', `Enumeration value '${value}' for field '${name}' is not a valid value.`);
}

function withoutEmptyValidator(options: BsonDocument): BsonDocument {
  const { validator, ...rest } = options;
  return isDocument(validator) && Object.keys(validator).length > 0 ? options : rest;
}

function sameOptions(a: BsonDocument, b: BsonDocument): boolean {
  const chosen = (options: BsonDocument) =>
    serialize(Object.fromEntries(VALIDATION.map((name) => [name, options[name]])));
  return Buffer.compare(chosen(a), chosen(b)) === 0;
}

export const drop: Command = async (request, { storage }) => {
  const { database } = request;
  const name = collectionOf(request);
  Arguments.of(request).end();
  checkWritable(database, name);
  return storage.write(({ catalog }) => {
    const collection = catalog.find(database, name);
    if (!collection) return {}; // as MongoDB does since 7.0
    catalog.drop(collection);
    return { nIndexesWas: collection.indexes.length + 1, ns: `${database}.${name}` };
  });
};

export const renameCollection: Command = async (request, { storage }) => {
  const args = Arguments.of(request);
  const from = namespace(args.string('renameCollection'));
  const to = namespace(args.string('to'));
  const dropTarget = args.boolean('dropTarget');
  args.end();
  if (request.database !== 'admin') throw new MongoDBError('Unauthorized', 'renameCollection may only be run against the admin database.'); // prettier-ignore
  await storage.write(({ catalog }) => {
    const collection = catalog.find(...from);
    if (!collection) throw new MongoDBError('NamespaceNotFound', `Source collection ${from.join('.')} does not exist`);
    if (from.join('.') === to.join('.')) throw new MongoDBError('IllegalOperation', 'Can\'t rename a collection to itself'); // prettier-ignore
    const inTheWay = catalog.find(...to);
    if (inTheWay && !dropTarget) throw new MongoDBError('NamespaceExists', 'target namespace exists');
    if (inTheWay) catalog.drop(inTheWay);
    catalog.rename(collection, ...to);
  });
  return {};
};

function namespace(text: string): [database: string, collection: string] {
  const dot = text.indexOf('.');
  if (dot < 1) throw new MongoDBError('InvalidNamespace', `Invalid namespace specified '${text}'`);
  const [database, collection] = [text.slice(0, dot), text.slice(dot + 1)];
  checkDatabase(database);
  checkCollection(database, collection);
  checkWritable(database, collection);
  return [database, collection];
}

export const listCollections: Command = async (request, server) => {
  const { database } = request;
  const args = Arguments.of(request);
  const filter = args.optionalDocument('filter') ?? {};
  const nameOnly = args.boolean('nameOnly');
  const cursor = args.optionalDocument('cursor') ?? {};
  args.ignore('authorizedCollections');
  args.end();
  const batchSize = new Arguments('listCollections.cursor', cursor, new Set()).count('batchSize') ?? FIRST_BATCH;
  const matches = compileFilter(filter);
  const collections = await server.storage.read(({ catalog }) => catalog.list(database));
  const described = collections.map(describe).filter(matches);
  const shown = nameOnly ? described.map(({ name, type }) => ({ name, type })) : described;
  const results = new ListedResults(shown.map((each) => serialize(each)));
  return firstBatch(request, server, `${database}.$cmd.listCollections`, results, { batchSize, deadline: Infinity });
};

function describe({ name, options, uuid }: Collection): BsonDocument {
  return {
    name,
    type: 'collection',
    options,
    info: { readOnly: false, uuid: new Binary(uuid, Binary.SUBTYPE_UUID) },
    idIndex: ID_INDEX,
  };
}
