import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';
import { toJson, type JsonObject } from '../events/json.js';
import type { EventHeaders } from '../events/recorded-event.js';
import type { EventAt } from '../store/event-store.js';
import { commandContent, CONTENT_HEADER } from './command-content.js';
import { DecisionSlots } from './decision-slots.js';

/** What is known of the message that is being handled; everything that follows from it inherits it. */
export interface MessageContext {
  /** Identifies the command: handled a second time, it is given its first answer. */
  readonly commandId?: string | undefined;
  /** Recorded with every event that follows. A correlation id is made up where there is none. */
  readonly headers?: EventHeaders;
  /**
   * What the message says, in short, such as a digest of a request. The same id with another content is refused
   * (`CommandIdTaken`) rather than taken for a repeat. Absent, the fields of each command say it.
   */
  readonly content?: string | undefined;
  /**
   * Whether a refusal by the domain is final, as an answer that somebody acts on: it is recorded where it was decided,
   * and a repeat is refused as well, whatever has become of the aggregate. Otherwise a repeat is decided on anew.
   */
  readonly refusalsStand?: boolean | undefined;
  /** The position of a message that is in the log: whatever came of it is behind that, and is looked for up to there. */
  readonly position?: bigint | undefined;
  /** Hears, for each decision, of the last event that says what came of it, once that is durable, or was before. */
  readonly recorded?: ((at: EventAt) => void) | undefined;
  /** Aborts when nobody waits for an answer any more: waits for read models end with it, decisions do not. */
  readonly signal?: AbortSignal | undefined;
}

/** A message that came through the log, with whoever waits for a refusal. */
export interface SentMessage extends MessageContext {
  /** The stream that the command is for, and what whoever sent it is told of a refusal. */
  readonly reply?: { readonly streamId: string; readonly told: JsonObject } | undefined;
}

/** A context for one decision. */
export interface TransactContext extends MessageContext {
  /**
   * The command that is decided on. Under the same id, another one is told by its fields and by its name: the one that
   * `@Command` gives it, or the method that handles it. A command of neither kind is told by its fields alone.
   */
  readonly command?: object | undefined;
}

/** What a decision's events are recorded with. */
export interface DecisionContext {
  /** The id under which the decision is remembered. */
  readonly commandId: string | undefined;
  readonly headers: EventHeaders;
  /** Tells it from another one under the same id; absent where nothing is known. */
  readonly content: string | undefined;
  readonly refusalsStand: boolean | undefined;
  /** What came of it before, if anything did, is behind this position. */
  readonly position: bigint | undefined;
  /** What whoever sent the command is told of a refusal. */
  readonly told: JsonObject | undefined;
}

/** A decision that has begun. */
export interface BegunDecision extends DecisionContext {
  /** Tells whoever handles the message of the last event that says what came of it. */
  recorded(at: EventAt): void;
  /** It is known what came of it: the next decision on the stream is another one. */
  resolve(): void;
  /** Nothing more is done about it. Where it was not resolved, the next decision on the stream may be the same again. */
  end(): void;
}

interface Scope extends SentMessage {
  /** What the command has decided on each stream: the second decision on one stream is not a repeat of the first. */
  readonly decisions: Map<string, DecisionSlots>;
}

// One for the process, as async context is by nature; it holds nothing outside a running message.
const scopes = new AsyncLocalStorage<Scope>();

/**
 * Runs `work` as the handling of one message: commands executed within carry its id, events appended within carry its
 * headers. `runInMessageContext({ commandId, headers: { userId } }, () => commandBus.execute(command))`
 *
 * Within, a command that failed because the store or other writers stood in its way may be tried again: it is the same
 * one until it is known what came of it. What is decided on the same stream after that is another one.
 *
 * Within another message's handling this is a message of its own, which inherits nothing; what is to go on is said:
 * `runInMessageContext({ ...currentMessage(), commandId }, …)`.
 * @throws {NotJson} when a header is no JSON value
 */
export function runInMessageContext<T>(context: MessageContext, work: () => T): T {
  return runAsMessage(context, work);
}

/** Runs `work` as the handling of a message for which somebody may wait. */
export function runAsMessage<T>(message: SentMessage, work: () => T): T {
  const { commandId } = message;
  const headers = present(message.headers);
  headers.correlationId ??= commandId ?? randomUUID();
  const outer = scopes.getStore();
  // The same message within itself says what it says, and knows no more of its decisions than a repeat does.
  const same = commandId !== undefined && outer?.commandId === commandId ? outer : undefined;
  const {
    content = same?.content,
    refusalsStand = same?.refusalsStand,
    position = same?.position,
    reply = same?.reply,
    recorded = same?.recorded,
    signal,
  } = message;
  const scope = { commandId, headers, content, refusalsStand, position, reply, recorded, signal, decisions: new Map() };
  return scopes.run(scope, work);
}

/** The message being handled here, if any: its id and its headers. */
export function currentMessage(): MessageContext | undefined {
  const scope = scopes.getStore();
  if (!scope) return undefined;
  const { commandId, headers = {}, signal } = scope;
  return { ...(commandId !== undefined && { commandId }), headers, ...(signal && { signal }) };
}

/** Aborts when nobody waits any more for what the message being handled here leads to. */
export function currentSignal(): AbortSignal | undefined {
  return scopes.getStore()?.signal;
}

/**
 * Begins a decision on the stream: the id under which it is remembered, and the headers for its events.
 * @param method of the aggregate that handles the command, where one does
 * @throws {NotJson} when a header is no JSON value
 */
export function beginDecision(streamId: string, given: TransactContext = {}, method?: string): BegunDecision {
  const scope = scopes.getStore();
  const messageId = given.commandId ?? scope?.commandId;
  const headers = { ...scope?.headers, ...present(given.headers) };
  headers.correlationId ??= messageId ?? randomUUID();
  if (messageId !== undefined) headers.causationId ??= messageId;
  const ofMessage = given.commandId === undefined && scope?.commandId !== undefined ? scope : undefined;
  const { command } = given;
  const { refusalsStand = ofMessage?.refusalsStand, position = ofMessage?.position } = given;
  const said = given.content ?? ofMessage?.content;
  const content = messageId === undefined ? undefined : commandContent(command, said, method);
  const known = { headers, content, refusalsStand, position, recorded: (at: EventAt) => scope?.recorded?.(at) };
  if (!ofMessage) {
    return { commandId: messageId, ...known, told: undefined, resolve: () => undefined, end: () => undefined };
  }

  let slots = ofMessage.decisions.get(streamId);
  if (!slots) ofMessage.decisions.set(streamId, (slots = new DecisionSlots()));
  const slot = slots.take(command?.constructor, command && commandContent(command, undefined));
  const first = slot.index === 0;
  const { reply } = ofMessage;
  return {
    commandId: first ? messageId : `${messageId}#${slot.index + 1}`,
    ...known,
    told: first && reply?.streamId === streamId ? reply.told : undefined,
    resolve: () => slot.resolve(),
    end: () => slot.end(),
  };
}

/** The headers as they will be read: one that is `undefined` is not there, and hides none of the surrounding message. */
function present(headers: EventHeaders = {}): EventHeaders {
  const { [CONTENT_HEADER]: _, ...inherited } = toJson({ headers }).headers;
  return inherited;
}
