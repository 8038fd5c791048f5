import { isDocument } from '../bson-document.js';
import { bsonType } from '../bson-types.js';
import { compareValues } from '../compare.js';

/** Whether two values would be stored alike: equal, and of the same types. Writing such a value changes nothing. */
export function identical(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  const type = bsonType(a);
  if (type !== bsonType(b)) return false;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((each, index) => identical(each, b[index]));
  }
  if (isDocument(a) && isDocument(b)) {
    const names = Object.keys(a);
    const others = Object.keys(b);
    return (
      names.length === others.length &&
      names.every((name, index) => name === others[index] && identical(a[name], b[name]))
    );
  }
  if (type === 'decimal' || type === 'double') return String(a) === String(b);
  return compareValues(a, b) === 0;
}
