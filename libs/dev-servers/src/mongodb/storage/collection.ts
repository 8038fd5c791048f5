import type { BsonDocument } from '../semantics/bson-document.js';
import type { Direction } from '../semantics/key-encoding.js';

/** One field of an index. */
export interface IndexField {
  readonly path: string;
  readonly direction: Direction;
}

/** An index besides the one of `_id`. */
export interface Index {
  readonly id: number;
  readonly name: string;
  readonly fields: readonly IndexField[];
  /** As `listIndexes` gives it. */
  readonly specification: BsonDocument;
  readonly unique: boolean;
  /** Documents that have none of its fields are not in it. */
  readonly sparse: boolean;
  /** In seconds after the date in its field. */
  readonly expireAfterSeconds?: number;
  /** The filter of the documents that are in it. */
  readonly partialFilter?: BsonDocument;
  /** Whether the document is in it, as far as the partial filter is concerned. */
  readonly covers: (document: BsonDocument) => boolean;
  /** Some document has, or had, several entries in it. */
  readonly multikey: boolean;
}

/** What is known of a collection. */
export interface Collection {
  readonly id: number;
  readonly database: string;
  readonly name: string;
  /** The 16 bytes of its UUID. */
  readonly uuid: Buffer;
  /** As `listCollections` gives them. */
  readonly options: BsonDocument;
  readonly indexes: readonly Index[];
}

/** `database.collection`. */
export const namespaceOf = ({ database, name }: Pick<Collection, 'database' | 'name'>) => `${database}.${name}`;
