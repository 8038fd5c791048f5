import { isDocument, type BsonDocument } from '../bson-document.js';

/** Where a filter met an array: the position that `$` stands for in updates and projections. */
export interface Match {
  position?: number;
}

/** Says something about one value; `undefined` stands for a field that is not there. */
export type ValueTest = (value: unknown, match?: Match) => boolean;

/** Says something about a document, and notes where it met an array. */
export type DocumentTest = (document: BsonDocument, match?: Match) => boolean;

/**
 * Whether one of the values that a path leads to passes, as MongoDB's filters walk: through documents by name, through
 * arrays by looking into every document in them (not into arrays in arrays), and by position where the path holds a
 * number.
 *
 * @param elements whether an array at the path's end is tried element by element, and then as a whole; only as a whole
 * when false
 */
export function atPath(path: string, elements: boolean, test: ValueTest): DocumentTest {
  const parts = path.split('.');
  if (parts.length === 1) return (document, match) => atEnd(own(document, path), elements, test, match);
  return (document, match) => someBelow(document, parts, 0, elements, test, match);
}

/** What a document holds under a name, not what its prototype does. */
export function own(document: BsonDocument, name: string): unknown {
  const value = document[name];
  if (value === undefined || typeof value === 'function' || name === '__proto__') {
    return Object.hasOwn(document, name) ? document[name] : undefined;
  }
  return value;
}

function atEnd(value: unknown, elements: boolean, test: ValueTest, match: Match | undefined): boolean {
  if (elements && Array.isArray(value)) {
    for (let index = 0; index < value.length; index += 1) {
      if (test(value[index])) return noted(match, index);
    }
  }
  return test(value, match);
}

function noted(match: Match | undefined, position: number): true {
  if (match) match.position = position;
  return true;
}

function someBelow(
  document: BsonDocument,
  path: readonly string[],
  at: number,
  elements: boolean,
  test: ValueTest,
  match: Match | undefined,
): boolean {
  let value = own(document, path[at]!);
  let next = at + 1;
  for (; next < path.length && !Array.isArray(value); next += 1) {
    if (!isDocument(value)) return test(undefined);
    value = own(value, path[next]!);
  }
  if (next < path.length) return someInArray(value as unknown[], path, next, elements, test, match);
  return atEnd(value, elements, test, match);
}

/** The path goes on behind an array. */
function someInArray(
  array: readonly unknown[],
  path: readonly string[],
  at: number,
  elements: boolean,
  test: ValueTest,
  match: Match | undefined,
): boolean {
  const part = path[at]!;
  for (let index = 0; index < array.length; index += 1) {
    const element = array[index];
    if (isDocument(element) && someBelow(element, path, at, elements, test, undefined)) return noted(match, index);
    if (String(index) !== part) continue;
    // A position that the path names is not one that was found: `$` does not stand for it.
    const rest = at + 1;
    const found =
      rest === path.length
        ? test(element)
        : Array.isArray(element)
          ? someInArray(element, path, rest, elements, test, match)
          : isDocument(element) && someBelow(element, path, rest, elements, test, match);
    if (found) return true;
  }
  return false;
}
