import { DefinitionError } from './definition-error.js';

const ASYNC = /^\[object (Async|AsyncGenerator|Generator)Function\]$/;

/**
 * Refuses a function that is async or a generator by its declaration. One that a compiler made an ordinary function of is
 * found by {@link refusePromise} when it is called.
 * @param what names the function, for the message
 * @throws {DefinitionError}
 */
export function refuseAsync(declared: unknown, what: string): void {
  if (typeof declared !== 'function' || !ASYNC.test(Object.prototype.toString.call(declared))) return;
  throw new DefinitionError(`${what} is async or a generator: it is pure and returns what it makes at once`);
}

/**
 * Refuses a promise where a value is wanted, and takes care that its rejection ends no process.
 * @param message what is wrong, naming the function that returned it
 * @throws {TypeError}
 */
export function refusePromise(returned: unknown, message: string): void {
  if (typeof returned !== 'object' || returned === null) return;
  if (typeof (returned as { then?: unknown }).then !== 'function') return;
  void Promise.resolve(returned).catch(() => undefined);
  throw new TypeError(message);
}
