import type { Class } from './class.js';
import type { JsonObject } from './json.js';
import { DefinitionError } from './definition-error.js';
import { refuseStandardDecorator } from './legacy-decorator.js';
import { refuseAsync } from './synchronous.js';

/** Turns the data of one version into that of the next. Pure. */
export type Upcaster = (data: JsonObject) => JsonObject;

/** How an event class stands in the log. */
export interface EventDefinition {
  readonly eventClass: Class;
  /** The name in the log. It is the contract; the class may be renamed. */
  readonly type: string;
  /** Names under which older events of this kind are in the log. */
  readonly aliases: readonly string[];
  readonly version: number;
  /** By the version they start from. */
  readonly upcasters: ReadonlyMap<number, Upcaster>;
}

export interface EventOptions {
  /** The version of the shape that the class describes now; 1 when absent. */
  version?: number;
  /** Former names of the event. */
  aliases?: string[];
  /** For each older version, by number, the step to the next one. */
  upcast?: Record<number, (data: any) => object & { then?: never }>; // oxlint-disable-line typescript/no-explicit-any -- old shapes have no class
}

const EVENT = Symbol('gesta.event');
const NAME = /^[A-Za-z$][A-Za-z0-9_$]*([.-][A-Za-z0-9_$]+)*$/;

/**
 * Names an event class. `@Event('ordering.order-placed')` writes and reads events of that name, whatever the class is
 * called. Older shapes are lifted by `upcast` wherever an event is read.
 *
 * @throws {DefinitionError} when the name is not made of letters, digits, dots and dashes, or when a step between an
 * older version and the current one is missing.
 */
export function Event(type: string, options: EventOptions = {}): ClassDecorator {
  return (target, context?: unknown) => {
    refuseStandardDecorator('Event', context);
    const eventClass = target as unknown as Class;
    const { version = 1, aliases = [], upcast = {} } = options;
    for (const name of [type, ...aliases]) {
      if (!NAME.test(name)) {
        throw new DefinitionError(
          `${target.name}: '${name}' is no event name; use letters, digits, dots and dashes, such as 'ordering.order-placed'`,
        );
      }
    }
    if (!Number.isSafeInteger(version) || version < 1) {
      throw new DefinitionError(`${target.name}: an event's version is a whole number from 1, not ${version}`);
    }
    for (const [from, step] of Object.entries(upcast)) {
      refuseAsync(step, `${target.name}: the upcaster from version ${from}`);
    }
    const upcasters = new Map(Object.entries(upcast).map(([from, step]) => [Number(from), step as Upcaster]));
    for (let from = 1; from < version; from++) {
      if (!upcasters.has(from)) {
        throw new DefinitionError(`${target.name} is at version ${version} but has no upcaster from version ${from}`);
      }
    }
    for (const from of upcasters.keys()) {
      if (!(from >= 1 && from < version)) {
        throw new DefinitionError(`${target.name} is at version ${version}: an upcaster from ${from} leads nowhere`);
      }
    }
    const definition: EventDefinition = { eventClass, type, aliases, version, upcasters };
    Object.defineProperty(target, EVENT, { value: definition });
  };
}

/**
 * The definition that `@Event` left on the class.
 * @throws {DefinitionError} when the class has none of its own: a subclass does not inherit its parent's name.
 */
export function eventDefinition(eventClass: Class): EventDefinition {
  const definition = isEventClass(eventClass)
    ? (Object.getOwnPropertyDescriptor(eventClass, EVENT)!.value as EventDefinition)
    : undefined;
  if (!definition) {
    throw new DefinitionError(
      `${eventClass?.name ?? String(eventClass)} is no event: decorate it with @Event('context.name')`,
    );
  }
  return definition;
}

/** Whether the class was decorated with `@Event`. */
export function isEventClass(candidate: unknown): candidate is Class {
  return typeof candidate === 'function' && Object.hasOwn(candidate, EVENT);
}
