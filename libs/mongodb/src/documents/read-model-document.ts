import type { JsonObject, StoredDocument } from '@gesta/core';
import { Long } from 'mongodb';
import { originalFields, storedFields } from './stored-value.js';

/** What Gesta keeps beside a document's own fields. */
export interface DocumentMetadata {
  /** The position that the document was folded to; of other documents how often it was written. */
  readonly version: Long | number;
  /** Set on a tombstone: the document was deleted, and has no fields of its own. */
  readonly deleted?: true;
  /** Set where names or texts that MongoDB cannot hold as they are were escaped. */
  readonly escaped?: true;
}

/** A document as it stands in a MongoDB collection: the fields of its body, beside its key and Gesta's own field. */
export type ReadModelDocument<T extends object = { readonly [field: string]: unknown }> = T & {
  readonly _id: string;
  readonly _gesta: DocumentMetadata;
};

/** A document on its way into a collection. */
export interface DocumentToWrite {
  readonly document: ReadModelDocument;
  /** At most so many bytes does it take as BSON. */
  readonly bytes: number;
}

export function toWrite({ key, version, body }: StoredDocument): DocumentToWrite {
  const metadata = { version: Long.fromBigInt(version) };
  const own = 3 * key.length + 100;
  if (!body) return { document: { _id: key, _gesta: { ...metadata, deleted: true } }, bytes: own };
  const { value, escaped, bytes } = storedFields(body);
  const _gesta: DocumentMetadata = escaped ? { ...metadata, escaped: true } : metadata;
  return { document: { _id: key, _gesta, ...value }, bytes: own + bytes };
}

export function fromRead({ _id: key, _gesta, ...fields }: ReadModelDocument): StoredDocument {
  const version = versionOf(_gesta.version);
  if (_gesta.deleted) return { key, version, body: undefined };
  const body = fields as JsonObject;
  return { key, version, body: _gesta.escaped ? originalFields(body) : body };
}

/** The driver gives 64-bit integers as numbers where these can hold them. */
export function versionOf(version: Long | number): bigint {
  return typeof version === 'number' ? BigInt(version) : version.toBigInt();
}
