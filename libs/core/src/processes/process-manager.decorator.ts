import type { JsonShape } from '../events/json-shape.js';
import type { Class } from '../events/class.js';
import { declare, ownDeclaration } from '../events/declarations.js';
import { DefinitionError } from '../events/definition-error.js';
import { refuseStandardDecorator } from '../events/legacy-decorator.js';
import type { EventMetadata } from '../events/recorded-event.js';
import type { Effects } from './effects.js';

/** Where a reader begins when it runs for the first time. */
export type StartFrom = 'beginning' | 'now';

export interface ProcessManagerOptions {
  /** Names the process manager's instances and its checkpoint, such as `order-fulfilment`. */
  name: string;
  /** Whether events from before its first start are for it too. */
  startFrom: StartFrom;
}

/** A refusal, in the words of the domain that refused. */
export interface Refusal {
  /** The domain error's name, such as `OutOfStock`. */
  readonly name: string;
  readonly message: string;
  /** The domain error's `code`, where it has one. */
  readonly code?: string;
}

/** A deadline that has passed. */
export interface DueDeadline {
  readonly name: string;
  /** When it was due. */
  readonly due: Date;
}

export interface WhenDeclaration {
  readonly event: Class;
  readonly method: string;
  readonly key: ((event: object, meta: EventMetadata) => string | undefined) | undefined;
}
export interface RefusedDeclaration {
  readonly command: Class;
  readonly method: string;
}
export interface DeadlineDeclaration {
  readonly name: string;
  readonly method: string;
}

export const PROCESS_MANAGER = Symbol('gesta.process-manager');
export const WHENS = Symbol('gesta.whens');
export const REFUSALS = Symbol('gesta.refusals');
export const DEADLINES = Symbol('gesta.deadlines');

/**
 * Declares a process manager: a class that follows events and sends commands until its process is complete. Each key has
 * an instance of its own, whose fields are its durable state: JSON values with their first values in the class. It has
 * no dependencies and does no I/O; its methods change the fields and return effects.
 */
export function ProcessManager(options: ProcessManagerOptions): ClassDecorator {
  return (target, context?: unknown) => {
    refuseStandardDecorator('ProcessManager', context);
    if (ownDeclaration(target, PROCESS_MANAGER))
      throw new DefinitionError(`${target.name} is declared a process manager twice`);
    Object.defineProperty(target, PROCESS_MANAGER, { value: options });
  };
}

/**
 * The method acts on the event: in a process manager on its fields, returning effects; in a reactor on the world,
 * returning a promise.
 * @param key names the instance; the id part of the event's stream when absent; for `undefined` the event is ignored
 */
export function When<E extends object>(
  event: Class<E>,
  key?: (event: JsonShape<E>, meta: EventMetadata) => string | undefined,
) {
  return <M extends (event: JsonShape<E>, ...rest: never[]) => Effects | Promise<void>>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    refuseStandardDecorator('When', method);
    declare<WhenDeclaration>(target, WHENS, { event, method, key: key as WhenDeclaration['key'] });
  };
}

/** The method acts when the command that this instance sent was refused by a domain error, or for breaking its rules (`ValidationFailed`). */
export function OnRefused<C extends object>(command: Class<C>) {
  return <M extends (command: JsonShape<C>, refusal: Refusal, meta: EventMetadata, ...rest: never[]) => Effects>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    refuseStandardDecorator('OnRefused', method);
    declare<RefusedDeclaration>(target, REFUSALS, { command, method });
  };
}

/** The method acts when the deadline has passed. */
export function OnDeadline(name: string) {
  return <M extends (due: DueDeadline, meta: EventMetadata, ...rest: never[]) => Effects>(
    target: object,
    method: string,
    _descriptor: TypedPropertyDescriptor<M>,
  ): void => {
    refuseStandardDecorator('OnDeadline', method);
    declare<DeadlineDeclaration>(target, DEADLINES, { name, method });
  };
}
