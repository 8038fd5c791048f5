import type { Class } from '../events/class.js';
import { declarations, ownDeclaration } from '../events/declarations.js';
import { DefinitionError } from '../events/definition-error.js';
import { EventRegistry } from '../events/event-registry.js';
import { eventDefinition } from '../events/event.decorator.js';
import { copyOfJson, toJson, type JsonObject } from '../events/json.js';
import { refuseAsync, refusePromise } from '../events/synchronous.js';
import type { EventMetadata, RecordedEvent } from '../events/recorded-event.js';
import type { IndexSpec } from '../store/document-store.js';
import type { EventFilter } from '../store/event-store.js';
import { foldedBy, type FoldedBy } from './fold-fingerprint.js';
import { checkCategory } from '../store/checked-category.js';
import { idOf } from '../store/stream-id.js';
import {
  PROJECTION,
  PROJECTS,
  type Keys,
  type ProjectDeclaration,
  type ProjectionOptions,
} from './projection.decorator.js';

/** What a projection class declared, ready to fold. Pure: it knows no store. */
export interface ProjectionDefinition {
  readonly name: string;
  readonly version: number;
  readonly indexes: readonly IndexSpec[];
  readonly registry: EventRegistry;
  readonly filter: EventFilter;
  /** Tells a fold from one that was changed since, of which the documents are not. */
  readonly foldedBy: FoldedBy;
  /** The documents that the event is folded into. */
  keysOf(event: RecordedEvent): readonly string[];
  /** The document of the key after the event; `undefined` where there is none. */
  fold(event: RecordedEvent, before: JsonObject | undefined, key: string): JsonObject | undefined;
}

type Fold = (data: object, before: JsonObject | undefined, meta: EventMetadata, key: string) => unknown;

const NAME = /^[a-z][a-z0-9]*([-.][a-z0-9]+)*$/;

/**
 * Reads what `@Projection` and `@Project` declared.
 * @param projection the instance whose methods fold
 * @throws {DefinitionError} when the class is no projection, when its name is not made of small letters, digits, dots
 * and dashes, when it names categories that cannot be, when it projects nothing, or one event twice
 */
export function projectionDefinition(projectionClass: Class, projection: object): ProjectionDefinition {
  const options = ownDeclaration<ProjectionOptions>(projectionClass, PROJECTION);
  if (!options)
    throw new DefinitionError(`${projectionClass.name} is no projection: decorate it with @Projection({ name })`);
  const { name, version = 1, indexes = [], categories } = options;
  checkReaderName(name, projectionClass);
  if (!Number.isSafeInteger(version) || version < 1) {
    throw new DefinitionError(
      `${projectionClass.name}: a projection's version is a whole number from 1, not ${version}`,
    );
  }
  if (categories?.length === 0) {
    throw new DefinitionError(
      `${projectionClass.name} reads no category: name some, or leave \`categories\` out to read by event types`,
    );
  }
  for (const category of categories ?? []) checkCategory(category, projectionClass);

  const registry = new EventRegistry();
  const projects = new Map<string, ProjectDeclaration>();
  const methods = projection as Record<string, Fold>;
  for (const declaration of declarations<ProjectDeclaration>(projectionClass, PROJECTS)) {
    registry.add(declaration.event);
    const { type } = eventDefinition(declaration.event);
    refuseAsync(
      (projectionClass.prototype as Record<string, unknown>)[declaration.method],
      `${projectionClass.name}.${declaration.method}`,
    );
    refuseAsync(declaration.keys, `${projectionClass.name}: the key for ${type}`);
    const other = projects.get(type);
    if (other && other.method !== declaration.method) {
      throw new DefinitionError(
        `${projectionClass.name} projects ${type} twice: in ${other.method} and in ${declaration.method}`,
      );
    }
    projects.set(type, declaration);
  }
  if (projects.size === 0)
    throw new DefinitionError(`${projectionClass.name} projects nothing: it has no @Project method`);

  return {
    name,
    version,
    indexes,
    registry,
    foldedBy: foldedBy(projectionClass, new Map([...projects].map(([type, { method }]) => [type, method])), registry),
    filter: categories
      ? { categories }
      : { types: EventRegistry.namesOf([...projects.values()].map(({ event }) => event)) },
    keysOf(event) {
      const project = projects.get(event.type);
      if (!project) return [];
      if (!project.keys) return [idOf(event.streamId)];
      const data = copyOfJson(event.data); // what it changes in it, no fold is to see
      return checkedKeys(project.keys(data, Object.assign({}, event, { data })), event);
    },
    fold(event, before, key) {
      const { method } = projects.get(event.type)!;
      const after = methods[method]!(event.data, before, event, key);
      if (after === undefined || after === null) return undefined;
      refusePromise(
        after,
        `${projectionClass.name}.${method} returns a document, an object, or undefined to delete it`,
      );
      if (typeof after !== 'object' || Array.isArray(after)) {
        throw new TypeError(
          `${projectionClass.name}.${method} returns a document, an object, or undefined to delete it`,
        );
      }
      return toJson(after) as JsonObject;
    },
  };
}

/** @throws {DefinitionError} when the name could not name a collection or a checkpoint */
export function checkReaderName(name: string, readerClass: Class): void {
  if (!NAME.test(name) || name.length > 80) {
    throw new DefinitionError(
      `${readerClass.name}: '${name}' is no name; use small letters, digits, dots and dashes, such as 'order-summary', at most 80 characters`,
    );
  }
}

function checkedKeys(keys: Keys, event: RecordedEvent): readonly string[] {
  if (keys === undefined || keys === null) return [];
  refusePromise(keys, `The key for ${event.type} is told at once; it was promised`);
  const list = typeof keys === 'string' ? [keys] : keys;
  if (!Array.isArray(list))
    throw new TypeError(`The key for ${event.type} is a string, an array of strings or undefined`);
  for (const key of list) {
    if (typeof key !== 'string' || key === '')
      throw new TypeError(`A key for ${event.type} is a string that is not empty, not ${String(key)}`);
  }
  return list.length > 1 ? [...new Set(list)] : list;
}
