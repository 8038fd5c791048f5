import type { Class } from '../events/class.js';
import { checkCategory } from '../store/checked-category.js';
import { DefinitionError } from '../events/definition-error.js';
import { refuseStandardDecorator } from '../events/legacy-decorator.js';
import {
  Event,
  eventDefinition,
  isEventClass,
  type EventDefinition,
  type EventOptions,
} from '../events/event.decorator.js';

const COMMAND = Symbol('gesta.command');

/**
 * Names a command that travels: one that a process manager sends, or that another context may send. The part before the
 * first dot is the context that handles it. Travelling commands are kept in the log, so they have versions, aliases and
 * upcasters like events. A command that is only ever executed in its own process needs no name.
 *
 * @throws {DefinitionError} as {@link Event} does, and when the context's part could not name a category of streams:
 * there is no dash in it
 */
export function Command(type: string, options: EventOptions = {}): ClassDecorator {
  const name = Event(type, options);
  return (target, context?: unknown) => {
    refuseStandardDecorator('Command', context);
    name(target);
    checkCategory(commandCategory(type), target as unknown as Class);
    Object.defineProperty(target, COMMAND, { value: true });
  };
}

/** The category of the streams in which commands of the name travel. */
export function commandCategory(type: string): string {
  return `${contextOf(type)}.command`;
}

/** Whether the class was decorated with `@Command`. */
export function isTravellingCommand(candidate: Class): boolean {
  return isEventClass(candidate) && Object.hasOwn(candidate, COMMAND);
}

/** The context that handles the command of the name: the part before the first dot. */
export function contextOf(type: string): string {
  return type.split('.', 1)[0]!;
}

/**
 * The definition that `@Command` left on the class.
 * @throws {DefinitionError} when there is none: the command cannot travel
 */
export function commandDefinition(commandClass: Class): EventDefinition {
  if (!isTravellingCommand(commandClass)) {
    throw new DefinitionError(
      `${commandClass?.name ?? String(commandClass)} cannot be sent: name it with @Command('context.name')`,
    );
  }
  return eventDefinition(commandClass);
}
