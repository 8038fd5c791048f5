import { indexFields, type IndexSpec } from '@gesta/core';
import { createHash } from 'node:crypto';
import type { Collection, Document, IndexDescription } from 'mongodb';
import { serverCode } from '../connection/mongodb-errors.js';
import { storedPath } from './escaped-text.js';

/** Longer names are cut; MongoDB before 4.2 took 127 bytes together with the collection's. */
const MAX_NAME = 80;

/** MongoDB's code for an index that is there under another name. */
const THERE_UNDER_ANOTHER_NAME = 85;

/**
 * The indexes as MongoDB is told of them. Each ends with the key, in the direction of the last field: so it serves the
 * order that queries have, whose ties the key decides.
 */
export function indexDescriptions(indexes: readonly IndexSpec[]): IndexDescription[] {
  const descriptions = new Map<string, IndexDescription>();
  for (const index of indexes) {
    const fields = indexFields(index).map(({ path, direction }) => [storedPath(path), direction] as const);
    const key = new Map<string, 1 | -1>([...fields, ['_id', fields.at(-1)![1]]]);
    const name = indexName(key);
    descriptions.set(name, { key, name });
  }
  return [...descriptions.values()];
}

/**
 * Makes the indexes that the collection lacks, and the collection where it is not there. Takes as long as it takes:
 * MongoDB goes on serving meanwhile. An index on the same fields that somebody else has made under another name will do.
 */
export async function createIndexes(
  collection: Collection<Document & { _id: string }>,
  descriptions: readonly IndexDescription[],
): Promise<void> {
  try {
    await collection.createIndexes([...descriptions]);
  } catch (error) {
    if (serverCode(error) !== THERE_UNDER_ANOTHER_NAME) throw error;
    if (descriptions.length === 1) return;
    for (const description of descriptions) await createIndexes(collection, [description]);
  }
}

function indexName(key: ReadonlyMap<string, 1 | -1>): string {
  const name = [...key].map(([path, direction]) => `${path}_${direction}`).join('_');
  if (name.length <= MAX_NAME) return name;
  const hash = createHash('sha256').update(name).digest('hex').slice(0, 16);
  return `${name.slice(0, MAX_NAME - 17).toWellFormed()}_${hash}`;
}
