import { isDocument, type BsonDocument } from './bson-document.js';
import { own } from './filter/walk.js';
import type { Direction } from './key-encoding.js';
import { MongoDBError } from './mongodb-error.js';

/** The fields of an index and their directions, in order. */
export type KeyPattern = Readonly<Record<string, Direction>>;

/** Whether the document has none of the fields of an index, so that a sparse one leaves it out. */
export function isSparselyMissing(document: BsonDocument, pattern: KeyPattern): boolean {
  return Object.keys(pattern).every((path) =>
    keyValues(document, [path], MISSING).every(([value]) => value === MISSING),
  );
}

const MISSING = Symbol('missing');

/** Where the walk along one path has got to. */
interface Walk {
  readonly value: unknown;
  /** The names still to go; undefined at the end, where an array is a value of its own. */
  readonly rest: readonly string[] | undefined;
}

/**
 * The values of several paths that stand in one key together: paths through the same array go through the same element
 * of it.
 *
 * An empty array counts as undefined, which comes before null.
 *
 * @param missing what stands for a path that leads nowhere
 * @throws {MongoDBError} 171 when two of the paths lead through different arrays
 */
export function keyValues(document: BsonDocument, paths: readonly string[], missing: unknown = null): unknown[][] {
  const first = paths[0]!;
  if (paths.length === 1 && !first.includes('.')) {
    const value = own(document, first);
    if (!Array.isArray(value)) return [[value ?? (value === null ? null : missing)]];
  }
  const keys: unknown[][] = [];
  expand(
    paths.map((path) => ({ value: document, rest: path.split('.') })),
    missing,
    keys,
  );
  return keys;
}

function expand(walks: readonly Walk[], missing: unknown, into: unknown[][]): void {
  const stopped = walks.map((walk) => untilArray(walk, missing));
  const arrays = new Set(stopped.filter(({ rest }) => rest !== undefined).map(({ value }) => value as unknown[]));
  if (arrays.size === 0) {
    into.push(stopped.map(({ value }) => value));
    return;
  }
  if (arrays.size > 1) throw new MongoDBError('CannotIndexParallelArrays', 'cannot index parallel arrays');
  const [array = []] = arrays;
  if (array.length === 0) {
    expand(
      stopped.map((walk) => (walk.rest ? ended(walk.rest.length > 0 ? missing : undefined) : walk)),
      missing,
      into,
    );
  }
  for (const element of array) {
    expand(
      stopped.map((walk) => {
        if (!walk.rest) return walk;
        if (walk.rest.length === 0) return ended(element);
        return isDocument(element) ? { value: element, rest: walk.rest } : ended(missing);
      }),
      missing,
      into,
    );
  }
}

const ended = (value: unknown): Walk => ({ value, rest: undefined });

function untilArray({ value, rest }: Walk, missing: unknown): Walk {
  if (!rest) return { value, rest };
  let current = value;
  let at = 0;
  for (; at < rest.length; at += 1) {
    const name = rest[at]!;
    if (Array.isArray(current)) {
      if (!/^(?:0|[1-9]\d*)$/.test(name)) break;
      current = current[Number(name)];
    } else {
      current = isDocument(current) ? own(current, name) : undefined;
    }
  }
  if (Array.isArray(current)) return { value: current, rest: rest.slice(at) };
  return ended(current === undefined ? missing : current);
}
