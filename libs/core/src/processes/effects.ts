import { copyOfData } from '../aggregates/copy-of-state.js';
import type { Class } from '../events/class.js';
import type { DataOf } from '../events/domain-event.js';
import { commandDefinition } from '../messaging/command.decorator.js';

/** A length of time; the parts add up. */
export interface Duration {
  days?: number;
  hours?: number;
  minutes?: number;
  seconds?: number;
  milliseconds?: number;
}

export interface SendEffect<T = object> {
  readonly kind: 'send';
  readonly type: string;
  readonly data: T;
  readonly commandClass: Class<T>;
}
export interface DeadlineEffect {
  readonly kind: 'deadline';
  readonly name: string;
  /** Milliseconds after the event that led to it was recorded. */
  readonly afterMs: number;
}
export interface CancelDeadlineEffect {
  readonly kind: 'cancel-deadline';
  readonly name: string;
}
export interface CompleteEffect {
  readonly kind: 'complete';
}

/** What a process manager's method asks for. */
export type Effect = SendEffect | DeadlineEffect | CancelDeadlineEffect | CompleteEffect;

/** What a process manager's method may return. */
export type Effects = Effect | readonly Effect[] | undefined | void;

/**
 * Sends a command. It leaves once the process manager's new state is durable, is handled at least once, and carries an
 * id by which its receiver recognises a repeat.
 * @throws {DefinitionError} when the class has no `@Command` name by which it could travel
 */
export function send<T extends object>(commandClass: Class<T>, data: DataOf<T>): SendEffect<T> {
  return {
    kind: 'send',
    type: commandDefinition(commandClass).type,
    data: copyOfData(data) as T,
    commandClass,
  };
}

/**
 * Asks to be told, by `@OnDeadline(name)`, when the time has passed since the event being handled was recorded. Asking
 * again moves the deadline.
 * @throws {RangeError} when the duration is negative or not a number
 */
export function deadline(name: string, after: Duration): DeadlineEffect {
  const { days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0 } = after;
  const afterMs = (((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1_000 + milliseconds;
  if (!(Number.isFinite(afterMs) && afterMs >= 0)) {
    throw new RangeError(`deadline '${name}': the duration is a number of at least 0, not ${JSON.stringify(after)}`);
  }
  return { kind: 'deadline', name, afterMs };
}

/** Takes a deadline back. Nothing happens where it was not set. */
export function cancelDeadline(name: string): CancelDeadlineEffect {
  return { kind: 'cancel-deadline', name };
}

/** Ends the process: its deadlines are void and later events of its key are ignored. Commands sent along still leave. */
export function complete(): CompleteEffect {
  return { kind: 'complete' };
}
