import type { Class } from '../events/class.js';
import { declare, ownDeclaration } from '../events/declarations.js';
import type { JsonShape } from '../events/json-shape.js';
import { DefinitionError } from '../events/definition-error.js';
import { refuseStandardDecorator } from '../events/legacy-decorator.js';
import type { EventMetadata } from '../events/recorded-event.js';
import type { IndexSpec } from '../store/document-store.js';

export interface ProjectionOptions {
  /** Names the projection's documents and its checkpoint, such as `order-summary`. */
  name: string;
  /** Raise it when the fold changes: the new version builds documents of its own. 1 when absent. */
  version?: number;
  /** Fields that queries filter or sort by, as in MongoDB. */
  indexes?: readonly IndexSpec[];
  /**
   * Read whole categories rather than the projected event types alone. Then an event of an unknown type in them is
   * noticed and the policy for unknown events applies.
   */
  categories?: readonly string[];
}

/** The documents that an event is folded into: one, several, or none. */
export type Keys = string | readonly string[] | undefined;

export interface ProjectDeclaration {
  readonly event: Class;
  readonly method: string;
  readonly keys: ((event: object, meta: EventMetadata) => Keys) | undefined;
}

export const PROJECTION = Symbol('gesta.projection');
export const PROJECTS = Symbol('gesta.projects');

/**
 * Declares a projection: a class whose `@Project` methods fold events into documents. The fold is pure: it sees an event
 * and the document before it and returns the document after it. The engine reads, batches, stores and resumes.
 */
export function Projection(options: ProjectionOptions): ClassDecorator {
  return (target, context?: unknown) => {
    refuseStandardDecorator('Projection', context);
    if (ownDeclaration(target, PROJECTION)) throw new DefinitionError(`${target.name} is declared a projection twice`);
    Object.defineProperty(target, PROJECTION, { value: options });
  };
}

/** What a method may be that folds: its document's type is its own, and is no promise. */
type Fold<E> = (
  event: JsonShape<E>,
  before: any, // oxlint-disable-line typescript/no-explicit-any -- the document's type is the method's own
  meta: EventMetadata,
  key: string,
  ...rest: never[]
) => (object & { then?: never }) | undefined;

/**
 * The method folds the event: it receives the event's data, the document before it (`undefined` where there is none),
 * the event's metadata and the document's key, and returns the document after it. Returning `undefined` deletes the document.
 * @param keys names the document, or several; the id part of the event's stream when absent
 */
export function Project<E extends object>(event: Class<E>, keys?: (event: JsonShape<E>, meta: EventMetadata) => Keys) {
  return <M extends Fold<E>>(target: object, method: string, _descriptor: TypedPropertyDescriptor<M>): void => {
    refuseStandardDecorator('Project', method);
    declare<ProjectDeclaration>(target, PROJECTS, { event, method, keys: keys as ProjectDeclaration['keys'] });
  };
}
