import { EJSON } from 'bson';
import type { BsonDocument } from '../semantics/bson-document.js';
import { bsonType } from '../semantics/bson-types.js';
import { MongoDBError } from '../semantics/mongodb-error.js';

/** Another document has the values already that an index wants to be unique. */
export class DuplicateKey extends MongoDBError {
  /** @param keyValue the values by the paths of the index */
  constructor(
    namespace: string,
    index: string,
    readonly keyPattern: BsonDocument,
    readonly keyValue: BsonDocument,
  ) {
    super('DuplicateKey', `E11000 duplicate key error collection: ${namespace} index: ${index} dup key: ${shown(keyValue)}`); // prettier-ignore
  }
}

/** A value as MongoDB shows it in messages. */
export function shown(value: unknown): string {
  switch (bsonType(value)) {
    case 'string':
      return `"${String(value)}"`;
    case 'int':
    case 'long':
    case 'bool':
      return String(value);
    case 'double':
      return Number.isInteger(Number(value)) ? `${Number(value)}.0` : String(value);
    case 'null':
    case 'undefined':
      return 'null';
    case 'objectId':
      return `ObjectId('${String(value)}')`;
    case 'date':
      return `new Date(${(value as Date).getTime()})`;
    case 'array':
      return `[ ${(value as unknown[]).map(shown).join(', ')} ]`;
    case 'object':
      return `{ ${Object.entries(value as BsonDocument).map(([name, each]) => `${name}: ${shown(each)}`).join(', ')} }`; // prettier-ignore
    default:
      return EJSON.stringify(value);
  }
}
