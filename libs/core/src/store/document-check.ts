import { toJson } from '../events/json.js';
import type { StoredDocument } from './document-store.js';

const COLLECTION_NAME = /^[\p{L}\p{N}_][\p{L}\p{N}_ .:@#+~-]*$/u;
const MAX_COLLECTION_NAME = 120;

/**
 * A name that a collection can have on every store.
 * @throws {RangeError} when it is empty, longer than 120 characters, begins or ends with a dot, begins with `system.`,
 * or holds anything but letters, digits, spaces and `_ . : @ # + ~ -`
 */
export function checkedCollectionName(name: string): string {
  if (name.length > MAX_COLLECTION_NAME) {
    throw new RangeError(`A collection's name has at most ${MAX_COLLECTION_NAME} characters, not ${name.length}`);
  }
  if (!COLLECTION_NAME.test(name) || name.endsWith('.') || name.includes('..') || name.startsWith('system.')) {
    throw new RangeError(`'${name}' is no collection's name: use letters, digits, spaces and _ . : @ # + ~ -`);
  }
  return name;
}

/** The least and the greatest version: what a 64-bit integer with a sign can hold. */
export const VERSION_RANGE = { least: -(2n ** 63n), greatest: 2n ** 63n - 1n } as const;

/**
 * The documents of one `put`, checked, each body as it will be after a trip through JSON. Of several with one key the
 * one with the greatest version counts, the first of equals; the others are as if they had not been given.
 * @throws {TypeError | RangeError} for a key that is empty or holds broken surrogates, and for a version that is no
 * `bigint` or does not fit into 64 bits
 * @throws {NotJson} for a body that JSON cannot hold
 */
export function documentsToPut(documents: readonly StoredDocument[]): Map<string, StoredDocument> {
  const newest = new Map<string, StoredDocument>();
  for (const document of documents) {
    const { key, version, body } = checked(document);
    const other = newest.get(key);
    if (!other || version > other.version) newest.set(key, { key, version, body: body && toJson(body) });
  }
  return newest;
}

function checked(document: StoredDocument): StoredDocument {
  const { key, version, body } = document;
  if (typeof key !== 'string') throw new TypeError(`A document's key is a string, not ${String(key)}`);
  if (key === '') throw new RangeError("A document's key cannot be empty");
  if (!key.isWellFormed()) throw new RangeError(`The key ${JSON.stringify(key)} holds a broken surrogate`);
  if (typeof version !== 'bigint') throw new TypeError(`The version of ${key} is a bigint, not ${String(version)}`);
  if (version < VERSION_RANGE.least || version > VERSION_RANGE.greatest) {
    throw new RangeError(`The version of ${key}, ${version}, does not fit into 64 bits`);
  }
  if (body !== undefined && (typeof body !== 'object' || body === null || Array.isArray(body))) {
    throw new TypeError(`The body of ${key} is an object, or undefined for a document that is deleted`);
  }
  return document;
}
