import type { Class } from '../events/class.js';
import { DefinitionError } from '../events/definition-error.js';
import { refuseStandardDecorator } from '../events/legacy-decorator.js';
import type { DomainEvent } from '../events/domain-event.js';
import type { StreamMetadata } from '../events/recorded-event.js';
import type { JsonShape } from '../events/json-shape.js';
import { declare, ownDeclaration } from '../events/declarations.js';

/** What a decision may state: one event, several, or nothing. */
export type Decision = DomainEvent | readonly DomainEvent[] | undefined | void;

export interface SnapshotOptions {
  /** Save the state after this many events. */
  every: number;
  /** Raise it when code that the fold calls has changed; changes of the `@Apply` methods themselves are noticed. */
  version?: number;
}

export interface AggregateOptions {
  /** What the streams' names begin with, such as `ordering.order`; no dash in it. */
  category: string;
  /** The field of the commands that holds the aggregate's id. */
  id: string;
  /** Events that the aggregate states but does not fold. Those it folds need no mention. */
  events?: readonly Class[];
  /**
   * Long streams load from a saved state. Then every field of the class holds JSON values only, each to itself (two
   * fields that share an object come back with one each), and none is `#private`, which nobody else could save.
   */
  snapshot?: SnapshotOptions;
}

export interface HandlerDeclaration {
  readonly command: Class;
  readonly method: string;
  readonly id: ((command: object) => string) | undefined;
}

export interface FoldDeclaration {
  readonly event: Class;
  readonly method: string;
}

export const AGGREGATE = Symbol('gesta.aggregate');
export const HANDLERS = Symbol('gesta.handlers');
export const FOLDS = Symbol('gesta.folds');

/**
 * Declares an aggregate: a class that decides (`@Handle`) and folds (`@Apply`). It has no dependencies and does no I/O;
 * it is constructed without arguments.
 */
export function Aggregate(options: AggregateOptions): ClassDecorator {
  return (target, context?: unknown) => {
    refuseStandardDecorator('Aggregate', context);
    if (ownDeclaration(target, AGGREGATE)) throw new DefinitionError(`${target.name} is declared an aggregate twice`);
    Object.defineProperty(target, AGGREGATE, { value: options });
  };
}

/**
 * The method decides on the command: it returns the events that state the outcome, or nothing, or throws a
 * `DomainError`. It must not change the aggregate; that is what `@Apply` is for.
 * @param options.id names the aggregate where the command's field is not the one that `@Aggregate` says
 */
export function Handle<C extends object>(command: Class<C>, options: { id?: (command: C) => string } = {}) {
  return <M extends (command: C, ...rest: never[]) => Decision>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    refuseStandardDecorator('Handle', method);
    declare<HandlerDeclaration>(target, HANDLERS, { command, method, id: options.id as HandlerDeclaration['id'] });
  };
}

/** The method folds the event into the aggregate's fields. It refuses nothing: what happened, happened. */
export function Apply<E extends object>(event: Class<E>) {
  return <M extends (event: JsonShape<E>, meta: StreamMetadata, ...rest: never[]) => undefined | void>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    refuseStandardDecorator('Apply', method);
    declare<FoldDeclaration>(target, FOLDS, { event, method });
  };
}
