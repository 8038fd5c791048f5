import { ownDeclaration } from '../events/declarations.js';
import { DefinitionError } from '../events/definition-error.js';
import { refuseStandardDecorator } from '../events/legacy-decorator.js';
import type { StartFrom } from './process-manager.decorator.js';

export interface ReactorOptions {
  /** Names the reactor's checkpoint, such as `confirmation-mail`. */
  name: string;
  /** Whether events from before its first start are for it too. */
  startFrom: StartFrom;
  /** How often an event is tried before its stream is parked with a dead letter; 5 when absent. */
  attempts?: number;
  /**
   * How long one try may take, in milliseconds, before it has failed; the application's `effectTimeoutMs` when absent,
   * 30,000 by default. One that did not end twice is not tried again.
   */
  timeoutMs?: number;
}

/** What a reactor is told beside the event and its metadata. */
export interface Reaction {
  /** The same whenever this reactor is given this event: hand it to the service called, so that a repeat does no harm. */
  readonly idempotencyKey: string;
  /** From 1. */
  readonly attempt: number;
  /**
   * Aborts when the time for this try is up, when another process has taken over, or when the application does not wait any
   * longer for it to stop: hand it to what can be ended, such as `fetch`.
   */
  readonly signal: AbortSignal;
}

export const REACTOR = Symbol('gesta.reactor');

/**
 * Declares a reactor: a class whose `@When` methods have effects outside, such as mail or webhooks. Each event is given
 * at least once, in order within its key, and again after a failure or a crash; it is never given again by a rebuild.
 */
export function Reactor(options: ReactorOptions): ClassDecorator {
  return (target, context?: unknown) => {
    refuseStandardDecorator('Reactor', context);
    if (ownDeclaration(target, REACTOR)) throw new DefinitionError(`${target.name} is declared a reactor twice`);
    Object.defineProperty(target, REACTOR, { value: options });
  };
}
