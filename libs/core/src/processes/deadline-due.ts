import { Event } from '../events/event.decorator.js';

/** Recorded when a deadline has passed, so that the log decides what came first. */
@Event('gesta.deadline-due')
export class DeadlineDue {
  /** The process manager's name. */
  readonly process!: string;
  /** The key of the instance that asked. */
  readonly key!: string;
  /** The deadline's name. */
  readonly name!: string;
  /** When it was due, in milliseconds since 1970. */
  readonly due!: number;
}
