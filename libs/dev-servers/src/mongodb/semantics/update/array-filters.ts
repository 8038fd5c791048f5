import { type BsonDocument, isDocument } from '../bson-document.js';
import { compileFilter } from '../filter.js';
import { MongoDBError } from '../mongodb-error.js';
import { shown } from '../shown-value.js';
import type { Step } from './update-path.js';

/** Tells by identifier which elements `$[identifier]` stands for. */
export type ArrayFilters = ReadonlyMap<string, (element: unknown) => boolean>;

/**
 * @param paths the paths of the update: every filter must be used by one, every identifier have a filter
 * @throws {MongoDBError} 9 or 2, as MongoDB has it
 */
export function compileArrayFilters(
  filters: readonly BsonDocument[],
  paths: readonly (readonly Step[])[],
  update: BsonDocument,
): ArrayFilters {
  const compiled = new Map<string, (element: unknown) => boolean>();
  for (const filter of filters) {
    const identifier = identifierOf(filter);
    if (compiled.has(identifier)) {
      throw new MongoDBError(
        'FailedToParse',
        `Found multiple array filters with the same top-level field name ${identifier}`,
      );
    }
    const test = compileFilter(filter);
    compiled.set(identifier, (element) => test({ [identifier]: element }));
  }
  checkUse(compiled, paths, update);
  return compiled;
}

function checkUse(filters: ArrayFilters, paths: readonly (readonly Step[])[], update: BsonDocument): void {
  const used = new Set<string>();
  for (const path of paths) {
    for (const step of path) {
      if (step.kind !== 'each' || step.identifier === undefined) continue;
      used.add(step.identifier);
      if (!filters.has(step.identifier)) {
        throw new MongoDBError(
          'BadValue',
          `No array filter found for identifier '${step.identifier}' in path '${path.map(({ name }) => name).join('.')}'`,
        );
      }
    }
  }
  for (const identifier of filters.keys()) {
    if (!used.has(identifier)) {
      throw new MongoDBError(
        'FailedToParse',
        `The array filter for identifier '${identifier}' was not used in the update ${shown(update)}`,
      );
    }
  }
}

/** The one name that all paths of the filter begin with. */
function identifierOf(filter: BsonDocument): string {
  const names = new Set(topLevelNames(filter));
  const [name] = names;
  if (name === undefined) {
    throw new MongoDBError('FailedToParse', 'Cannot use an expression without a top-level field name in arrayFilters');
  }
  if (names.size > 1) {
    const [first, second] = names;
    throw new MongoDBError(
      'FailedToParse',
      `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${first}' and '${second}'`,
    );
  }
  if (!/^[a-z][A-Za-z0-9]*$/.test(name)) {
    throw new MongoDBError(
      'BadValue',
      `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
    );
  }
  return name;
}

function topLevelNames(filter: unknown): string[] {
  if (Array.isArray(filter)) return filter.flatMap(topLevelNames);
  if (!isDocument(filter)) throw new MongoDBError('TypeMismatch', 'array filters must be objects');
  return Object.entries(filter).flatMap(([path, value]) => {
    if (path === '$and' || path === '$or' || path === '$nor') return topLevelNames(value);
    if (path === '$expr') throw new MongoDBError('QueryFeatureNotAllowed', '$expr is not allowed in this context');
    if (path === '$alwaysTrue' || path === '$alwaysFalse' || path === '$comment') return [];
    return [path.split('.')[0]!];
  });
}
