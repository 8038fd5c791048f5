import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { toJson } from '../events/json.js';
import type { EventHeaders } from '../events/recorded-event.js';

/** What is known of the message that is being handled; everything that follows from it inherits it. */
export interface MessageContext {
  /** Identifies the command: handled a second time, it is given its first answer. */
  readonly commandId?: string | undefined;
  /** Recorded with every event that follows. A correlation id is made up where there is none. */
  readonly headers?: EventHeaders;
}

/** What a decision's events are recorded with. */
export interface DecisionContext {
  /** The id under which the decision is remembered. */
  readonly commandId: string | undefined;
  readonly headers: EventHeaders;
}

interface Scope extends MessageContext {
  /** How often the command has decided on each stream: the second decision on one stream is not a repeat of the first. */
  readonly decisions: Map<string, number>;
}

// One for the process, as async context is by nature; it holds nothing outside a running message.
const scopes = new AsyncLocalStorage<Scope>();

/**
 * Runs `work` as the handling of one message: commands executed within carry its id, events appended within carry its
 * headers. `runInMessageContext({ commandId, headers: { userId } }, () => commandBus.execute(command))`
 *
 * Within another message's handling this is a message of its own, which inherits nothing; what is to go on is said:
 * `runInMessageContext({ ...currentMessage(), commandId }, …)`.
 * @throws {NotJson} when a header is no JSON value
 */
export function runInMessageContext<T>(context: MessageContext, work: () => T): T {
  const headers = present(context.headers);
  headers.correlationId ??= context.commandId ?? randomUUID();
  return scopes.run({ ...context, headers, decisions: new Map() }, work);
}

/** The message being handled here, if any. */
export function currentMessage(): MessageContext | undefined {
  return scopes.getStore();
}

/**
 * The id under which a decision on the stream is remembered, and the headers for its events.
 * @throws {NotJson} when a header is no JSON value
 */
export function decisionContext(streamId: string, given: MessageContext = {}): DecisionContext {
  const scope = scopes.getStore();
  const messageId = given.commandId ?? scope?.commandId;
  let commandId = messageId;
  if (given.commandId === undefined && scope?.commandId !== undefined) {
    const before = scope.decisions.get(streamId) ?? 0;
    scope.decisions.set(streamId, before + 1);
    if (before > 0) commandId = `${scope.commandId}#${before + 1}`;
  }
  const headers = { ...scope?.headers, ...present(given.headers) };
  headers.correlationId ??= messageId ?? randomUUID();
  if (messageId !== undefined) headers.causationId ??= messageId;
  return { commandId, headers };
}

/** The headers as they will be read: one that is `undefined` is not there, and hides none of the surrounding message. */
function present(headers: EventHeaders = {}): EventHeaders {
  return { ...toJson({ headers }).headers };
}
