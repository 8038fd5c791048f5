import { checkLength } from '../field-path.js';
import { MongoDBError } from '../mongodb-error.js';

/** A step of the path that an update operator is applied at. */
export type Step =
  | { readonly kind: 'name'; readonly name: string }
  /** `$`: the element by which the filter matched. */
  | { readonly kind: 'matched'; readonly name: '$' }
  /** `$[]` and `$[identifier]`: all elements, or those that an array filter takes. */
  | { readonly kind: 'each'; readonly name: string; readonly identifier: string | undefined };

/**
 * @throws {MongoDBError} 56 for an empty name in the path, 52 for one that begins with a dollar sign, 2 for a path that
 * begins with a position
 */
export function updatePath(path: string): Step[] {
  if (path === '') throw new MongoDBError('EmptyFieldName', 'An empty update path is not valid.');
  const names = path.split('.');
  checkLength(names);
  return names.map((name, index) => {
    if (name === '') {
      throw new MongoDBError(
        'EmptyFieldName',
        `The update path '${path}' contains an empty field name, which is not allowed.`,
      );
    }
    const step = stepOf(name);
    if (step.kind !== 'name' && index === 0) {
      throw new MongoDBError(
        'BadValue',
        `Cannot have ${step.kind === 'matched' ? "positional (i.e. '$')" : "array filter identifier (i.e. '$[<id>]')"} element in the first position in path '${path}'`,
      );
    }
    if (step.kind === 'name' && name.startsWith('$')) {
      throw new MongoDBError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${name}' in '${path}' is not allowed in the context of an update's field path.`,
      );
    }
    return step;
  });
}

function stepOf(name: string): Step {
  if (name === '$') return { kind: 'matched', name };
  if (!name.startsWith('$[') || !name.endsWith(']')) return { kind: 'name', name };
  const identifier = name.slice(2, -1);
  return { kind: 'each', name, identifier: identifier === '' ? undefined : identifier };
}

/** The order in which MongoDB applies what operators of an update say: by names, numbers by their size. */
export function comparePaths(a: readonly Step[], b: readonly Step[]): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = compareNames(a[index]!.name, b[index]!.name);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function compareNames(a: string, b: string): number {
  if (NUMBER.test(a) && NUMBER.test(b)) return Number(a) - Number(b);
  return a < b ? -1 : Number(a > b);
}

const NUMBER = /^\d+$/;

/**
 * Refuses paths of which one is, or lies under, another one, and array updates beside other fields of the same parent.
 *
 * @param paths in the order in which the update has them
 * @throws {MongoDBError} 40
 */
export function checkConflicts(paths: readonly (readonly Step[])[]): void {
  const arrays = new Map<string, boolean>();
  for (const path of paths) {
    for (const [index, step] of path.entries()) {
      const parent = namesOf(path.slice(0, index)).join('.');
      const each = step.kind === 'each';
      if ((arrays.get(parent) ?? each) !== each) throw conflict(namesOf(path).join('.'), parent);
      arrays.set(parent, each);
    }
  }
  const found = firstConflict(paths.map(namesOf));
  if (found) throw conflict(found.path, found.at);
}

/**
 * Refuses that two operators have met at an element, or one of them above it.
 *
 * @throws {MongoDBError} 40
 */
export function checkMeetings(paths: readonly (readonly string[])[]): void {
  const found = firstConflict(paths);
  if (found) throw new MongoDBError('ConflictingUpdateOperators', `Update created a conflict at '${found.at}'`);
}

const namesOf = (path: readonly Step[]) => path.map(({ name }) => name);

function firstConflict(paths: readonly (readonly string[])[]): { path: string; at: string } | undefined {
  /** Paths that were seen: true for whole ones, false for beginnings of others. */
  const taken = new Map<string, boolean>();
  for (const names of paths) {
    const path = names.join('.');
    for (let end = 1; end < names.length; end += 1) {
      const prefix = names.slice(0, end).join('.');
      if (taken.get(prefix)) return { path, at: prefix };
      taken.set(prefix, false);
    }
    if (taken.has(path)) return { path, at: path };
    taken.set(path, true);
  }
  return undefined;
}

function conflict(path: string, at: string): MongoDBError {
  return new MongoDBError(
    'ConflictingUpdateOperators',
    `Updating the path '${path}' would create a conflict at '${at}'`,
  );
}
