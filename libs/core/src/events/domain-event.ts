import { copyOfData } from '../aggregates/copy-of-state.js';
import type { Class } from './class.js';
import { eventDefinition } from './event.decorator.js';

/** A fact that a decision states; not yet recorded. Made by {@link event}. */
export interface DomainEvent<T = object> {
  readonly type: string;
  readonly data: T;
  readonly eventClass: Class<T>;
}

/** The fields of an event class, without its methods. */
export type DataOf<T> = { [K in keyof T as T[K] extends (...args: never[]) => unknown ? never : K]: T[K] };

/**
 * States a fact: `event(OrderPlaced, { orderId, lines })`.
 * @param eventClass a class decorated with `@Event`
 * @param data the event's fields as they are now, whatever becomes of the object; class instances in it are recorded as plain JSON
 * @throws {DefinitionError} when the class is not an event
 */
export function event<T extends object>(eventClass: Class<T>, data: DataOf<T>): DomainEvent<T> {
  return { type: eventDefinition(eventClass).type, data: copyOfData(data as T), eventClass };
}
