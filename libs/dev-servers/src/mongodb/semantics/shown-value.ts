import { EJSON } from 'bson';
import type { BsonDocument } from './bson-document.js';
import { bsonType } from './bson-types.js';

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
      return `{ ${shownFields(value as BsonDocument)} }`;
    default:
      return EJSON.stringify(value);
  }
}

/** The fields of a document, as they stand between its braces. */
export function shownFields(document: BsonDocument): string {
  return Object.entries(document)
    .map(([name, each]) => `${name}: ${shown(each)}`)
    .join(', ');
}
