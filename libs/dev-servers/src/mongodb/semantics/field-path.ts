import { MongoDBError } from './mongodb-error.js';

/** More names than that no path has. */
const MAX_NAMES = 200;

/**
 * The names of a path such as `a.b`.
 *
 * @throws {MongoDBError} 40352 or 15998 for an empty name, 16410 for one that begins with a dollar sign, 15 for too long a
 * path
 */
export function fieldPath(path: string): string[] {
  if (path === '') throw new MongoDBError(40352, 'FieldPath cannot be constructed with empty string');
  const names = path.split('.');
  checkLength(names);
  if (names.includes('')) throw new MongoDBError(15998, 'FieldPath field names may not be empty strings.');
  if (names.some((name) => name.startsWith('$'))) {
    throw new MongoDBError(
      16410,
      "FieldPath field names may not start with '$'. Consider using $getField or $setField.",
    );
  }
  return names;
}

/** @throws {MongoDBError} 15 for a path of too many names */
export function checkLength(names: readonly string[]): void {
  if (names.length > MAX_NAMES) throw new MongoDBError('Overflow', `FieldPath is too long: at most ${MAX_NAMES} names`);
}
