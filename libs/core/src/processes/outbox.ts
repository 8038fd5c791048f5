import { CONTENT_HEADER } from '../messaging/command-content.js';
import { DefinitionError } from '../events/definition-error.js';
import type { EventHeaders, EventToAppend, RecordedEvent } from '../events/recorded-event.js';
import { deterministicId } from '../events/deterministic-id.js';
import { eventDefinition } from '../events/event.decorator.js';
import { copyOfJson, toJson, type JsonObject } from '../events/json.js';
import { commandCategory } from '../messaging/command.decorator.js';
import type { EventStore } from '../store/event-store.js';
import { streamId } from '../store/stream-id.js';
import type { SendEffect } from './effects.js';

/** A command that has left its process manager's mind but not yet its outbox. JSON, as it is kept with the instance. */
export interface OutgoingCommand {
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly headers: EventHeaders;
  readonly data: JsonObject;
}

/** Whom a refusal is for; a header of every command that a process manager sends. */
export interface ReplyTo {
  readonly process: string;
  readonly key: string;
}

/** What is handed on from a message to those that follow from it: who asked, and under which ids it can be traced. */
const HANDED_ON: readonly string[] = ['correlationId', 'traceparent', 'userId'];

/** What each message has for itself: it would say of the next one what is only true of the one before. */
const ITS_OWN: readonly string[] = ['causationId', 'replyTo', CONTENT_HEADER];

/**
 * The names of the headers that whatever follows from an event has too.
 * @param own those that the application names
 * @throws {DefinitionError} when one of them is a header that each message has for itself
 */
export function namesHandedOn(own: readonly string[] = []): readonly string[] {
  for (const name of own) {
    if (typeof name === 'string' && name !== '' && !ITS_OWN.includes(name)) continue;
    throw new DefinitionError(`handOn names headers of the application; '${String(name)}' is none that is handed on`);
  }
  return [...new Set([...HANDED_ON, ...own])];
}

/** The headers that whatever follows from the event has too. */
export function handedOn({ headers }: RecordedEvent, names = HANDED_ON): EventHeaders {
  const present = names.filter((name) => Object.hasOwn(headers, name) && headers[name] !== undefined);
  return Object.fromEntries(present.map((name) => [name, headers[name]]));
}

/** The commands of one step, each with an id made of process, event and index, so that a repeat is recognised. */
export function outgoing(
  process: string,
  key: string,
  event: RecordedEvent,
  commands: readonly SendEffect[],
  names = HANDED_ON,
): OutgoingCommand[] {
  return commands.map(({ type, data, commandClass }, index) => ({
    id: deterministicId('command', process, key, event.id, index),
    type,
    version: eventDefinition(commandClass).version,
    headers: {
      ...handedOn(event, names),
      causationId: event.id,
      replyTo: { process, key },
    },
    data: copyOfJson(toJson(data) as unknown as JsonObject),
  }));
}

/**
 * Puts one instance's commands into the log, in their order, where the context that handles them finds them. Each has a
 * stream of its own that nothing else is written to, so that the store itself recognises a repeat however late it comes.
 */
export async function dispatch(store: EventStore, commands: readonly OutgoingCommand[]): Promise<void> {
  for (const command of commands) await appendOnce(store, commandCategory(command.type), command);
}

/** Appends a message under its own id: in a stream that holds it alone, so that a repeat has no effect. */
export async function appendOnce(store: EventStore, category: string, message: EventToAppend): Promise<void> {
  await store.append(streamId(category, message.id), [message], { expected: 'no-stream' });
}
