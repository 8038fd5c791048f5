import { Double } from 'bson';
import type { BsonDocument } from '../semantics/bson-document.js';
import { documentsTable, entriesTable } from '../storage/catalog-tables.js';
import type { Collection, Index } from '../storage/collection.js';
import type { Tables } from '../storage/storage.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { collectionOf } from './namespaces.js';

interface Size {
  readonly count: number;
  readonly bytes: number;
}

function sizeOf({ statements }: Tables, { id }: Collection): Size {
  const sql = `SELECT count(*) AS count, coalesce(sum(length(body)), 0) AS bytes FROM ${documentsTable(id)}`;
  return statements.get<[], Size>(sql).get()!;
}

/** The bytes of the keys of an index. */
function indexSizes({ statements }: Tables, { id, indexes }: Collection): Record<string, number> {
  const bytes = (expression: string, table: string) =>
    statements
      .get<[], { bytes: number }>(`SELECT coalesce(sum(length(${expression})), 0) AS bytes FROM ${table}`)
      .get()!.bytes;
  const sizes = indexes.map((index: Index): [string, number] => [index.name, bytes('key', entriesTable(index.id))]);
  return Object.fromEntries([['_id_', bytes('key', documentsTable(id))], ...sizes]);
}

/** The bytes of all documents in a database. */
export function databaseSize(tables: Tables, database: string): number {
  return tables.catalog.list(database).reduce((sum, collection) => sum + sizeOf(tables, collection).bytes, 0);
}

/** The sizes of a collection in bytes divided by the scale. */
export function collectionSizes(tables: Tables, collection: Collection | undefined, scale: number): BsonDocument {
  const { count, bytes } = collection ? sizeOf(tables, collection) : { count: 0, bytes: 0 };
  const indexes = Object.entries(collection ? indexSizes(tables, collection) : {});
  const scaled = (size: number) => Math.floor(size / scale);
  return {
    size: scaled(bytes),
    count,
    ...(count > 0 && { avgObjSize: Math.floor(bytes / count) }),
    storageSize: scaled(bytes),
    capped: false,
    nindexes: indexes.length,
    indexSizes: Object.fromEntries(indexes.map(([name, size]) => [name, scaled(size)])),
    totalIndexSize: scaled(indexes.reduce((sum, [, size]) => sum + size, 0)),
    scaleFactor: scale,
  };
}

export const collStats: Command = async (request, { storage }) => {
  const { database } = request;
  const name = collectionOf(request);
  const args = Arguments.of(request);
  const scale = args.count('scale') || 1;
  args.end();
  return storage.read((tables) => ({
    ns: `${database}.${name}`,
    ...collectionSizes(tables, tables.catalog.find(database, name), scale),
  }));
};

export const dbStats: Command = async (request, { storage }) => {
  const { database } = request;
  const args = Arguments.of(request);
  const scale = args.count('scale') || 1;
  args.ignore('freeStorage');
  args.end();
  return storage.read((tables) => {
    const collections = tables.catalog.list(database);
    const sizes = collections.map((collection) => sizeOf(tables, collection));
    const objects = sizes.reduce((sum, { count }) => sum + count, 0);
    const bytes = sizes.reduce((sum, each) => sum + each.bytes, 0);
    const indexBytes = collections
      .flatMap((collection) => Object.values(indexSizes(tables, collection)))
      .reduce((sum, size) => sum + size, 0);
    return {
      db: database,
      collections: collections.length,
      views: 0,
      objects,
      avgObjSize: new Double(objects > 0 ? bytes / objects : 0),
      dataSize: new Double(bytes / scale),
      storageSize: new Double(bytes / scale),
      indexes: collections.reduce((sum, { indexes }) => sum + indexes.length + 1, 0),
      indexSize: new Double(indexBytes / scale),
      totalSize: new Double((bytes + indexBytes) / scale),
      scaleFactor: new Double(scale),
    };
  });
};
