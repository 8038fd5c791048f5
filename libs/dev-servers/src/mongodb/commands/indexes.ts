import { serialize } from 'bson';
import { type BsonDocument, isDocument, readDocument } from '../semantics/bson-document.js';
import { equalValues } from '../semantics/compare.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Collection, Index } from '../storage/collection.js';
import { namespaceOf } from '../storage/collection.js';
import {
  ID_INDEX,
  indexSpecification,
  isIdIndex,
  sameIndex,
  type IndexSpecification,
} from '../storage/index-specification.js';
import type { Tables } from '../storage/storage.js';
import { ListedResults } from '../cursors/listed-results.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { firstBatch, FIRST_BATCH } from './cursor-replies.js';
import { checkWritable, collectionOf } from './namespaces.js';
import { writeConcernOf } from './write-concern.js';

/** The most indexes of a collection, the one of `_id` included. */
const MAX_INDEXES = 64;

export const createIndexes: Command = async (request, { storage }) => {
  const { database, body } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const wanted = args.array('indexes').map(indexSpecification);
  args.ignore('commitQuorum');
  args.end();
  checkWritable(database, name);
  if (wanted.length === 0) throw new MongoDBError('BadValue', 'Must specify at least one index to create');
  const { flushed } = writeConcernOf(body);
  const reply = await storage.write((tables) => {
    const existed = tables.catalog.find(database, name) !== undefined;
    let collection = tables.catalog.findOrCreate(database, name);
    const before = collection.indexes.length + 1;
    for (const each of wanted) {
      if (isIdIndex(each) || sameIndex(collection.indexes, each)) continue;
      collection = build(tables, collection, each);
    }
    const after = collection.indexes.length + 1;
    return {
      numIndexesBefore: before,
      numIndexesAfter: after,
      createdCollectionAutomatically: !existed,
      ...(before === after && { note: 'all indexes already exist' }),
    };
  });
  if (flushed) await storage.flush();
  return reply;
};

function build(tables: Tables, collection: Collection, wanted: IndexSpecification): Collection {
  if (collection.indexes.length + 1 >= MAX_INDEXES) {
    throw new MongoDBError('CannotCreateIndex', `add index fails, too many indexes for ${namespaceOf(collection)} key:${wanted.name}`); // prettier-ignore
  }
  const index = tables.catalog.addIndex(collection, wanted);
  const documents = tables.documents(collection);
  for (const { id, body } of documents.all()) documents.addToIndex(index, id, readDocument(body));
  return tables.catalog.find(collection.database, collection.name)!;
}

export const listIndexes: Command = async (request, server) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const cursor = args.optionalDocument('cursor') ?? {};
  args.end();
  const batchSize = new Arguments('listIndexes.cursor', cursor, new Set()).count('batchSize') ?? FIRST_BATCH;
  const indexes = await server.storage.read(({ catalog }) => {
    const { indexes } = existing(catalog.find(database, name), database, name);
    return [ID_INDEX, ...indexes.map(({ specification }) => specification)];
  });
  const results = new ListedResults(indexes.map((each) => serialize(each)));
  return firstBatch(request, server, `${database}.${name}`, results, { batchSize, deadline: Infinity });
};

export const dropIndexes: Command = async (request, { storage }) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const which = args.any('index');
  args.end();
  return storage.write((tables) => {
    const collection = existing(tables.catalog.find(database, name), database, name);
    for (const index of chosen(collection, which)) tables.catalog.dropIndex(index);
    return { nIndexesWas: collection.indexes.length + 1 };
  });
};

/** @throws {MongoDBError} NamespaceNotFound */
export function existing(collection: Collection | undefined, database: string, name: string): Collection {
  if (collection) return collection;
  throw new MongoDBError('NamespaceNotFound', `ns does not exist: ${database}.${name}`);
}

function chosen({ indexes }: Collection, which: unknown): readonly Index[] {
  if (which === '*') return indexes;
  if (Array.isArray(which)) return which.map((each) => byName(indexes, each));
  if (isDocument(which)) return [byKey(indexes, which)];
  return [byName(indexes, which)];
}

function byName(indexes: readonly Index[], name: unknown): Index {
  if (typeof name !== 'string') throw new MongoDBError('TypeMismatch', 'The index to drop is named by a string, its key or an array of names'); // prettier-ignore
  if (name === '_id_') throw cannotDropId();
  const index = indexes.find((each) => each.name === name);
  if (!index) throw new MongoDBError('IndexNotFound', `index not found with name [${name}]`);
  return index;
}

function byKey(indexes: readonly Index[], key: BsonDocument): Index {
  if (isIdIndex({ key })) throw cannotDropId();
  const found = indexes.filter(({ specification }) => equalValues(specification.key, key));
  if (found.length > 1)
    throw new MongoDBError('AmbiguousIndexKeyPattern', 'More than one index has this key: drop it by its name');
  if (found[0]) return found[0];
  throw new MongoDBError('IndexNotFound', `can't find index with key: ${JSON.stringify(key)}`);
}

const cannotDropId = () => new MongoDBError('InvalidOptions', 'cannot drop _id index');
