import { Event } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { Refusal } from './process-manager.decorator.js';

/** Recorded where a command that a process manager sent was refused: the answer that finds its way back by the log. */
@Event('gesta.command-refused')
export class CommandRefused {
  /** The process manager's name. */
  readonly process!: string;
  /** The key of the instance that sent the command. */
  readonly key!: string;
  readonly commandId!: string;
  /** The command's name and version as they were sent, with its data. */
  readonly command!: string;
  readonly version!: number;
  readonly data!: JsonObject;
  readonly refusal!: Refusal;
}
