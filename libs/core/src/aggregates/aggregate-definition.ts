import { createHash } from 'node:crypto';
import type { Class } from '../events/class.js';
import { declarations, ownDeclaration } from '../events/declarations.js';
import { DefinitionError } from '../events/definition-error.js';
import type { DomainEvent } from '../events/domain-event.js';
import { EventRegistry } from '../events/event-registry.js';
import { refuseHiddenFields } from '../events/hidden-fields.js';
import { refuseAsync, refusePromise } from '../events/synchronous.js';
import { eventDefinition } from '../events/event.decorator.js';
import type { StreamMetadata } from '../events/recorded-event.js';
import { isTravellingCommand } from '../messaging/command.decorator.js';
import { checkCategory } from '../store/checked-category.js';
import {
  AGGREGATE,
  FOLDS,
  HANDLERS,
  type AggregateOptions,
  type FoldDeclaration,
  type HandlerDeclaration,
} from './aggregate.decorator.js';

/** How the aggregate of one class is made, folded and asked. The repository knows aggregates only through this. */
export interface AggregateDefinition<A extends object = object> {
  readonly name: string;
  readonly aggregateClass: Class<A>;
  readonly category: string;
  /** Every event class that may be in its streams. */
  readonly registry: EventRegistry;
  readonly handlers: readonly CommandHandlerDefinition<A>[];
  /** Whether deciding changes the aggregate, as with classes that apply their events themselves. */
  readonly foldsWhileDeciding: boolean;
  readonly snapshot: { readonly every: number; readonly fingerprint: string } | undefined;
  create(id: string): A;
  /** Folds an event that is in its present shape. */
  fold(aggregate: A, data: object, meta: StreamMetadata): void;
  /** The method that folds events of the name, for messages. */
  foldOf?: (type: string) => string | undefined;
  /** The events that a decision stated. */
  stated(aggregate: A, returned: unknown): readonly DomainEvent[];
}

export interface CommandHandlerDefinition<A extends object = object> {
  readonly command: Class;
  /** The name of the method that handles it. */
  readonly method: string;
  /** The aggregate's id, taken from the command. */
  idOf(command: object): string;
  decide(aggregate: A, command: object): unknown;
}

type Methods = Record<string, (...args: unknown[]) => unknown>;

/**
 * Reads what `@Aggregate`, `@Handle` and `@Apply` declared on a class.
 * @throws {DefinitionError} when the class is no aggregate, when two methods handle one command or fold one event, when
 * its category cannot be one, or when two of its events have one name
 */
export function aggregateDefinition<A extends object>(aggregateClass: Class<A>): AggregateDefinition<A> {
  const options = ownDeclaration<AggregateOptions>(aggregateClass, AGGREGATE);
  const { name } = aggregateClass;
  if (!options) throw new DefinitionError(`${name} is no aggregate: decorate it with @Aggregate({ category, id })`);
  if (aggregateClass.length > 0) {
    throw new DefinitionError(`${name} is constructed without arguments: an aggregate has no dependencies`);
  }
  const { category, id: idField, snapshot } = options;
  checkCategory(category, aggregateClass);

  const folds = new Map<string, string>();
  const registry = new EventRegistry(options.events);
  for (const { event, method } of declarations<FoldDeclaration>(aggregateClass, FOLDS)) {
    refuseAsync((aggregateClass.prototype as Record<string, unknown>)[method], `${name}.${method}`);
    registry.add(event);
    const { type } = eventDefinition(event);
    const other = folds.get(type);
    if (other && other !== method)
      throw new DefinitionError(`${name} folds ${type} twice: in ${other} and in ${method}`);
    folds.set(type, method);
  }

  for (const [type, { eventClass }] of registry.byNames()) {
    if (isTravellingCommand(eventClass)) {
      throw new DefinitionError(
        `${name} would record ${type}, which is a command: it would be carried out again from the log; state an event`,
      );
    }
  }

  const handlers = new Map<Class, HandlerDeclaration>();
  for (const handler of declarations<HandlerDeclaration>(aggregateClass, HANDLERS)) {
    if (typeof handler.command !== 'function') {
      throw new DefinitionError(
        `${name}.${handler.method} handles ${String(handler.command)}, which is no class; modules that import each other see it too late`,
      );
    }
    refuseAsync((aggregateClass.prototype as Record<string, unknown>)[handler.method], `${name}.${handler.method}`);
    const other = handlers.get(handler.command);
    if (other && other.method !== handler.method) {
      throw new DefinitionError(
        `${name} handles ${handler.command.name} twice: in ${other.method} and in ${handler.method}`,
      );
    }
    handlers.set(handler.command, handler);
  }

  if (snapshot && !(Number.isSafeInteger(snapshot.every) && snapshot.every > 0)) {
    throw new DefinitionError(`${name}: snapshot.every is a number of events, at least 1, not ${snapshot.every}`);
  }
  if (snapshot) refuseHiddenFields(aggregateClass, 'has snapshots');

  return {
    name,
    aggregateClass,
    category,
    registry,
    foldsWhileDeciding: false,
    snapshot: snapshot && {
      every: snapshot.every,
      fingerprint: fingerprint(aggregateClass, folds, registry, snapshot.version),
    },
    handlers: [...handlers.values()].map(({ command, method, id }) => ({
      command,
      method,
      idOf: (asked) =>
        checkedId(id ? id(asked) : (asked as Record<string, unknown>)[idField], command, id ? 'its id' : idField),
      decide: (aggregate, asked) => (aggregate as Methods)[method]!(asked),
    })),
    create: () => new (aggregateClass as new () => A)(),
    fold(aggregate, data, meta) {
      const method = folds.get(meta.type);
      if (method !== undefined) {
        refusePromise(
          (aggregate as Methods)[method]!(data, meta),
          `${name}.${method} folds at once; it returned a promise`,
        );
      }
    },
    foldOf: (type) => folds.get(type),
    stated: (_aggregate, returned) => statedEvents(returned, name, registry),
  };
}

/** @throws {TypeError} when a decision returned something else than events the aggregate declares */
function statedEvents(returned: unknown, name: string, registry: EventRegistry): readonly DomainEvent[] {
  if (returned === undefined || returned === null) return [];
  refusePromise(returned, `${name}: a decision is synchronous; it returned a promise`);
  const events = (Array.isArray(returned) ? returned : [returned]) as DomainEvent[];
  for (const stated of events) {
    if (typeof stated?.type !== 'string' || typeof stated.data !== 'object' || stated.data === null) {
      throw new TypeError(`${name}: a decision returns events, made by event(…), or nothing; not ${String(stated)}`);
    }
    if (registry.find(stated.type)?.type !== stated.type) {
      throw new TypeError(
        `${name} states ${stated.type} but would not know it again: fold it with @Apply(${stated.eventClass.name}) or list it in @Aggregate({ events })`,
      );
    }
  }
  return events;
}

function checkedId(id: unknown, command: Class, field: string): string {
  if (typeof id !== 'string' || id === '') {
    throw new TypeError(`${command.name} names no aggregate: ${field} is ${id === '' ? 'empty' : String(id)}`);
  }
  return id;
}

/** What the class and its parents are made of. */
function sourceOf(aggregateClass: Class): string {
  const parent = Object.getPrototypeOf(aggregateClass) as Class;
  return (parent === Function.prototype ? '' : sourceOf(parent)) + String(aggregateClass);
}

/** Changes when the fold or what its events are lifted by changes, so that a state that was made by others is not taken up. */
function fingerprint(
  aggregateClass: Class,
  folds: ReadonlyMap<string, string>,
  registry: EventRegistry,
  version = 1,
): string {
  const lifting = [...folds.keys()].map((type) => [...registry.find(type)!.upcasters.values()].map(String));
  const made = JSON.stringify([version, sourceOf(aggregateClass), [...folds], lifting]);
  return createHash('sha256').update(made).digest('base64url');
}
