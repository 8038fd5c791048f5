import { isDocument, type BsonDocument } from './bson-document.js';
import { encodeKey } from './key-encoding.js';
import { own } from './filter/walk.js';

/**
 * The different values that a path leads to, in their order. Arrays count as their elements, one level deep; documents in
 * which the path leads nowhere add nothing.
 */
export function distinctValues(documents: Iterable<BsonDocument>, path: string): unknown[] {
  const values = new Map<string, unknown>();
  const parts = path.split('.');
  const add = (value: unknown) => {
    const key = encodeKey([value]).toString('latin1');
    if (!values.has(key)) values.set(key, value);
  };
  for (const document of documents) collect(document, parts, 0, add);
  return [...values].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}

function collect(value: unknown, path: readonly string[], at: number, add: (value: unknown) => void): void {
  if (Array.isArray(value)) {
    if (at === path.length) {
      for (const element of value) add(element);
      return;
    }
    const name = path[at]!;
    if (/^(?:0|[1-9]\d*)$/.test(name) && value[Number(name)] !== undefined)
      collect(value[Number(name)], path, at + 1, add);
    for (const element of value) if (isDocument(element)) collect(element, path, at, add);
    return;
  }
  if (at === path.length) {
    if (value !== undefined) add(value);
    return;
  }
  if (isDocument(value)) collect(own(value, path[at]!), path, at + 1, add);
}
