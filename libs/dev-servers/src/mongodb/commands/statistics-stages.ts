import { hostname } from 'node:os';
import { type BsonDocument, isDocument } from '../semantics/bson-document.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import type { Tables } from '../storage/storage.js';
import { existing } from './indexes.js';
import { collectionSizes } from './statistics.js';

/** What `$collStats` gives. */
export function collectionStatistics(
  tables: Tables,
  { database, name }: { readonly database: string; readonly name: string | undefined },
  operand: unknown,
): BsonDocument[] {
  const options = isDocument(operand) ? operand : {};
  const refused = Object.keys(options).find((option) => option !== 'count' && option !== 'storageStats');
  if (refused !== undefined) throw new MongoDBError('NotImplemented', `$collStats has no ${refused} on this server`);
  const collection = existing(tables.catalog.find(database, name ?? ''), database, name ?? '');
  const sizes = collectionSizes(tables, collection, 1);
  return [
    {
      ns: `${database}.${name}`,
      host: hostname(),
      localTime: new Date(),
      ...(options.count !== undefined && { count: sizes.count }),
      ...(options.storageStats !== undefined && { storageStats: sizes }),
    },
  ];
}

/** Nobody counts here how often an index is used. */
export function indexStatistics(): never {
  throw new MongoDBError('NotImplemented', '$indexStats is not supported by this server');
}
