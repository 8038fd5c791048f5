import { hash } from 'node:crypto';
import type { Class } from '../events/class.js';
import { commandDefinition, isTravellingCommand } from './command.decorator.js';

/** The header in which an event says what its command said. */
export const CONTENT_HEADER = 'commandContent';

/** So many characters tell contents apart; they are recorded with every event of a command that has an id. */
const LENGTH = 16;

/**
 * A digest of the command's name and of what is said. The name is the one that the command travels under, else that of the
 * method that handles it: its class has another name in every minified build, and a repeat may come to the next one.
 * @param said by the message that the command is part of; where it is absent, the command's fields say it
 * @param method of the aggregate that handles the command, where one is known to
 * @returns nothing where nothing is known, or where the fields are not JSON
 */
export function commandContent(
  command: object | undefined,
  said: string | undefined,
  method?: string,
): string | undefined {
  if (!command && said === undefined) return undefined;
  try {
    const text = JSON.stringify([(command && travellingName(command)) ?? method ?? '', said ?? command], inOrder);
    return hash('sha256', text, 'base64url').slice(0, LENGTH);
  } catch {
    return undefined;
  }
}

function travellingName(command: object): string | undefined {
  const commandClass = command.constructor as Class;
  return isTravellingCommand(commandClass) ? commandDefinition(commandClass).type : undefined;
}

/** The order of fields says nothing. */
function inOrder(_field: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1)));
}
