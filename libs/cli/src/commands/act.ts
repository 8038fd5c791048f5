import type { Application } from '../application/application.js';
import type { ExitCode } from '../exit-code.js';
import type { Output } from '../terminal/output.js';

/** What a command works with. */
export interface Invocation {
  /**
   * Finds the application, at the first call.
   * @throws {WrongUsage} when there is no configuration file
   * @throws {ConfigurationProblem} when it cannot work
   */
  readonly application: () => Promise<Application>;
  readonly output: Output;
  /** What to tell people of an error: without a stack where its message says it all, and without what URLs keep secret. */
  readonly explained: (error: unknown) => string;
  /** Aborts when somebody wants the command to end, as by Ctrl-C. */
  readonly stopping: AbortSignal;
}

/** Makes what `commander` calls of what a command does. */
export type Act = <A extends unknown[]>(
  work: (invocation: Invocation, ...args: A) => Promise<ExitCode>,
) => (...args: A) => Promise<void>;
