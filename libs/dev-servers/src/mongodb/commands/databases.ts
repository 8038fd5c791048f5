import { Long } from 'bson';
import { compileFilter } from '../semantics/filter.js';
import { MongoDBError } from '../semantics/mongodb-error.js';
import { Arguments } from './arguments.js';
import type { Command } from './command.js';
import { databaseSize } from './statistics.js';

export const listDatabases: Command = async (request, { storage }) => {
  const args = Arguments.of(request);
  const matches = compileFilter(args.optionalDocument('filter') ?? {});
  const nameOnly = args.boolean('nameOnly');
  args.ignore('authorizedDatabases');
  args.end();
  if (request.database !== 'admin') throw new MongoDBError('Unauthorized', 'listDatabases may only be run against the admin database.'); // prettier-ignore
  return storage.read((tables) => {
    const databases = tables.catalog
      .databases()
      .map((name) => ({ name, sizeOnDisk: Long.fromNumber(databaseSize(tables, name)), empty: false }))
      .filter(matches);
    if (nameOnly) return { databases: databases.map(({ name }) => ({ name })) };
    const totalSize = databases.reduce((sum, { sizeOnDisk }) => sum + sizeOnDisk.toNumber(), 0);
    return {
      databases,
      totalSize: Long.fromNumber(totalSize),
      totalSizeMb: Long.fromNumber(Math.floor(totalSize / 2 ** 20)),
    };
  });
};

export const dropDatabase: Command = async (request, { storage }) => {
  Arguments.of(request).end();
  return storage.write(({ catalog }) => {
    const collections = catalog.list(request.database);
    for (const collection of collections) catalog.drop(collection);
    return collections.length > 0 ? { dropped: request.database } : {};
  });
};
