import type { DocumentCollection, Filter, FindOptions, JsonObject, StoredDocument } from '@gesta/core';

/** A document; its version is 1 unless told otherwise. */
export function document(key: string, body: JsonObject | undefined = {}, version = 1n): StoredDocument {
  return { key, version, body };
}

/** What says that the document was deleted at the version. */
export function tombstone(key: string, version: bigint): StoredDocument {
  return { key, version, body: undefined };
}

/** Puts the bodies under their keys, all at version 1. */
export async function putBodies(
  collection: DocumentCollection,
  bodies: Readonly<Record<string, JsonObject>>,
): Promise<void> {
  await collection.put(Object.entries(bodies).map(([key, body]) => document(key, body)));
}

/** As `get` gives them. */
export function byKey(documents: readonly StoredDocument[]): Map<string, StoredDocument> {
  return new Map(documents.map((each) => [each.key, each]));
}

/** The keys of what is found, in the order in which it is given. */
export async function foundKeys(
  collection: DocumentCollection,
  filter: Filter,
  options?: FindOptions,
): Promise<string[]> {
  return (await collection.find(filter, options)).map(({ key }) => key);
}

/** The one document under the key, if there is one. */
export async function stored(collection: DocumentCollection, key: string): Promise<StoredDocument | undefined> {
  return (await collection.get([key])).get(key);
}

/** What the promise is rejected with; an error of the kit's own when it is not. */
export async function refusalOf(call: Promise<unknown>): Promise<Error> {
  try {
    await call;
  } catch (error) {
    return error as Error;
  }
  return new Error('It was not refused');
}

/** Keys that something or other could take for more than text. */
export const ODD_KEYS: readonly string[] = [
  ' ',
  ' leading and trailing ',
  'a.b',
  '.',
  '$set',
  '$',
  "it's",
  '"quoted"',
  '`ticked`',
  'back\\slash',
  '; DROP TABLE documents --',
  '%_?*[a-z]',
  '?1',
  ':key',
  '__proto__',
  'constructor',
  'toString',
  'null',
  'undefined',
  'true',
  '0',
  '00',
  '1e3',
  '-1',
  'NaN',
  'x',
  'X',
  'e\u0301',
  '\u00e9',
  'ß',
  'SS',
  'line\nbreak',
  'tab\t',
  'nul\u0000in the middle',
  'nul',
  '\u{ffff}',
  '😀',
  '日本語',
  'שלום',
  '507f1f77bcf86cd799439011',
  'x'.repeat(500),
  '😀'.repeat(250),
];
