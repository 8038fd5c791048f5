import { type BsonDocument, isDocument } from '../bson-document.js';
import { own } from '../filter/walk.js';
import { MongoDBError } from '../mongodb-error.js';
import { shown } from '../shown-value.js';
import type { ArrayFilters } from './array-filters.js';
import { identical } from './identical.js';
import type { Step } from './update-path.js';

/** An operator's answer that the field is not to be there. */
export const REMOVED = Symbol('removed');

/** What an operator makes of the value of a field; `undefined` is a field that is not there. */
export type Change = (value: unknown, place: Place) => unknown;

/**
 * What becomes of a field that is not there: it is made, with the documents on the way to it; it is left alone, provided
 * it could be made; or it is left alone even under a scalar.
 */
export type Missing = 'made' | 'viable' | 'ignored';

/** Where an operator is being applied, for its error messages. */
export interface Place {
  readonly path: string;
  readonly document: BsonDocument;
}

/** What a path needs to be walked, besides the document. */
export interface Walking {
  readonly document: BsonDocument;
  /** The position that `$` stands for. */
  readonly matched: () => number | undefined;
  readonly arrayFilters: ArrayFilters;
  /** Told every path at which something was changed, with positions in the place of `$` and `$[]`. */
  readonly visit: (path: readonly string[]) => void;
}

/** Arrays are not padded with more nulls than that. */
const MAX_PADDING = 1_500_000;

/**
 * A copy of the document in which the change was made at the path; what was not touched is shared. The very document,
 * when nothing changed.
 *
 * @throws {MongoDBError} 28 where the path leads through a scalar, 2 where a position cannot be told
 */
export function modified(walking: Walking, path: readonly Step[], change: Change, missing: Missing): BsonDocument {
  const creates = missing === 'made';
  return below(walking.document, 0, []) as BsonDocument;

  /** The path goes on where nothing can lie under. */
  function stopped(value: unknown, name: string, walked: readonly string[]): unknown {
    if (missing === 'ignored') return value;
    throw notViable(name, walked, value, missing, path);
  }

  function below(value: unknown, at: number, walked: readonly string[]): unknown {
    if (at === path.length) {
      walking.visit(walked);
      const next = change(value, { path: walked.join('.'), document: walking.document });
      return next !== REMOVED && identical(value, next) ? value : next;
    }
    const step = path[at]!;
    if (step.kind === 'each') return inElements(value, step.identifier, at, walked);
    const name = step.kind === 'matched' ? matchedPosition() : step.name;
    if (Array.isArray(value)) return inArray(value, name, at, [...walked, name]);
    if (isDocument(value)) return inDocument(value, name, at, [...walked, name]);
    if (value === undefined) return creates ? inDocument({}, name, at, [...walked, name]) : undefined;
    return stopped(value, name, walked);
  }

  function inDocument(document: BsonDocument, name: string, at: number, walked: readonly string[]): unknown {
    const before = own(document, name);
    const after = below(before, at + 1, walked);
    if (after === before) return document;
    if (after !== REMOVED) return { ...document, [name]: after };
    if (!Object.hasOwn(document, name)) return document;
    const { [name]: _, ...rest } = document;
    return rest;
  }

  function inArray(array: readonly unknown[], name: string, at: number, walked: readonly string[]): unknown {
    if (!/^(?:0|[1-9]\d*)$/.test(name)) {
      return stopped(array, name, walked.slice(0, -1));
    }
    const position = Number(name);
    const before = array[position];
    if (before === undefined && !creates) return array;
    const after = below(before, at + 1, walked);
    // An element that is taken out leaves null behind, so that the others keep their positions.
    return after === before ? array : withElement(array, position, after === REMOVED ? null : after);
  }

  function inElements(value: unknown, identifier: string | undefined, at: number, walked: readonly string[]): unknown {
    if (value === undefined) {
      throw new MongoDBError(
        'BadValue',
        `The path '${walked.join('.')}' must exist in the document in order to apply array updates.`,
      );
    }
    if (!Array.isArray(value)) {
      throw new MongoDBError('BadValue', `Cannot apply array updates to non-array element ${walked.join('.')}`);
    }
    const takes = identifier === undefined ? () => true : walking.arrayFilters.get(identifier)!;
    return value.reduce<readonly unknown[]>(
      (array, element, index) =>
        takes(element) ? (inArray(array, String(index), at, [...walked, String(index)]) as unknown[]) : array,
      value,
    );
  }

  function matchedPosition(): string {
    const position = walking.matched();
    if (position !== undefined) return String(position);
    throw new MongoDBError('BadValue', 'The positional operator did not find the match needed from the query.');
  }
}

function withElement(array: readonly unknown[], position: number, element: unknown): unknown[] {
  if (position < array.length) return array.with(position, element);
  if (position - array.length > MAX_PADDING) {
    throw new MongoDBError('BadValue', `can't backfill more than ${MAX_PADDING} elements`);
  }
  const padding = Array.from({ length: position - array.length }, () => null);
  return [...array, ...padding, element];
}

function notViable(
  name: string,
  walked: readonly string[],
  value: unknown,
  missing: Missing,
  path: readonly Step[],
): MongoDBError {
  const element = `{${walked.at(-1)}: ${shown(value)}}`;
  const whole = path.map((step) => step.name).join('.');
  return new MongoDBError(
    'PathNotViable',
    missing === 'made'
      ? `Cannot create field '${name}' in element ${element}`
      : `Cannot use the part (${name}) of (${whole}) to traverse the element (${element})`,
  );
}
