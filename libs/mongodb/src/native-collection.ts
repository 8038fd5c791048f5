import type { DocumentCollection } from '@gesta/core';
import type { Collection } from 'mongodb';
import { MongoDocumentCollection } from './documents/mongodb-document-collection.js';
import type { ReadModelDocument } from './documents/read-model-document.js';

/**
 * The driver's own collection behind a read model, for what Gesta's queries do not do: aggregations, text and geo
 * searches, explain plans, change streams.
 *
 * ```ts
 * const orders = nativeCollection<OrderSummary>(this.summaries.collection);
 * const byStatus = await orders.aggregate([{ $match: NO_TOMBSTONE }, { $group: { _id: '$status', n: { $sum: 1 } } }]).toArray();
 * ```
 *
 * Tombstones are among the documents: see {@link NO_TOMBSTONE}. Ask for it at every query, as another generation may have
 * become live; and only read.
 * @throws {TypeError} when the documents are in another kind of store
 */
export function nativeCollection<T extends object = { readonly [field: string]: unknown }>(
  collection: DocumentCollection,
): Collection<ReadModelDocument<T>> {
  if (!(collection instanceof MongoDocumentCollection)) {
    throw new TypeError(`The collection ${collection.name} is not in MongoDB`);
  }
  return collection.native as unknown as Collection<ReadModelDocument<T>>;
}

/** A condition that tombstones, what is left of deleted documents, do not meet. A filter that asks for a field's value leaves them out by itself. */
export const NO_TOMBSTONE = { '_gesta.deleted': { $exists: false } } as const;
