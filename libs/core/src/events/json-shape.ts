import type { JsonValue } from './json.js';

/** What JSON has no word for, or another one: such a field is not in the log as its class says. */
type NotInJson =
  bigint | symbol | ((...args: never[]) => unknown) | ReadonlyMap<unknown, unknown> | ReadonlySet<unknown>;

/**
 * What is read of an event or a command: its fields as they come from JSON. A `Date` is a text there, methods are gone.
 * Where a class has only what JSON has, this is the class itself.
 */
export type JsonShape<T> = unknown extends T
  ? T
  : T extends JsonValue | undefined
    ? T
    : T extends Date
      ? string
      : T extends NotInJson
        ? never
        : T extends readonly unknown[]
          ? { [K in keyof T]: JsonShape<T[K]> }
          : { [K in keyof T]: T[K] extends (...args: never[]) => unknown ? never : JsonShape<T[K]> };
