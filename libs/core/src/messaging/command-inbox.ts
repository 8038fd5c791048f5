import { acceptedEvent, refusedEvent } from '../aggregates/command-outcome.js';
import { DomainError } from '../aggregates/domain-error.js';
import type { AggregateDefinition } from '../aggregates/aggregate-definition.js';
import { eventsBack } from '../aggregates/events-back.js';
import type { Class } from '../events/class.js';
import { deterministicId } from '../events/deterministic-id.js';
import { EventRegistry } from '../events/event-registry.js';
import { copyOfJson, type JsonObject } from '../events/json.js';
import type { EventHeaders, EventToAppend, RecordedEvent } from '../events/recorded-event.js';
import { ValidationFailed } from '../events/validation-failed.js';
import type { ReplyTo } from '../processes/outbox.js';
import type { EffectParts } from '../readers/effect-consumer.js';
import { WrongExpectedRevision } from '../store/errors.js';
import type { EventStore } from '../store/event-store.js';
import { InvalidStreamId, streamId } from '../store/stream-id.js';
import { commandContent } from './command-content.js';
import { runAsMessage, type DecisionContext, type SentMessage } from './message-context.js';

/** Executes commands that arrive through the log. */
export interface CommandEndpoint {
  /** The `@Command` classes that are handled here. */
  readonly handled: readonly Class[];
  /** Handles a command, an instance of one of those classes; it may be asked again for the same command. */
  readonly execute: (command: object) => Promise<unknown>;
}

/** A command is tried this often before its aggregate's commands are parked. */
const ATTEMPTS = 5;

/**
 * Takes commands from the log and executes them under their ids, so that a repeat is recognised; those for one aggregate
 * one after the other. A refusal is recorded for whoever sent the command.
 *
 * Whatever came of a command for an aggregate is in the aggregate's stream, behind the revision that it was decided at, so
 * that two owners cannot come to different ends. What came of others is in a stream of its own: of those whose aggregate
 * only their handler knows, and of those that name none, which break a rule that every command has.
 */
export function commandInbox(
  { handled, execute }: CommandEndpoint,
  aggregates: readonly AggregateDefinition[],
  store: EventStore,
): EffectParts {
  const registry = new EventRegistry(handled);
  const targets = new Map(
    aggregates.flatMap((aggregate) => aggregate.handlers.map((handler) => [handler.command, { aggregate, handler }])),
  );

  /** The stream of the aggregate that the command is for, where its class says so, or why it can be for none. */
  const addressOf = (event: RecordedEvent): Address => {
    const { eventClass } = registry.find(event.type)!;
    const target = targets.get(eventClass);
    if (!target) return {};
    try {
      return { target: streamId(target.aggregate.category, target.handler.idOf(event.data)) };
    } catch (error) {
      if (!namesNothing(error)) throw error;
      return { wrong: new ValidationFailed(eventClass.name, [{ field: 'id', rules: [error.message] }]) };
    }
  };

  return {
    registry,
    filter: { types: EventRegistry.namesOf(handled) },
    attempts: ATTEMPTS,
    keysOf(event) {
      const { target } = addressOf(event);
      if (target !== undefined) return [target];
      // Its target is only known to its handler, or there is none: commands of one sender stay in order.
      const { process, key } = (event.headers.replyTo ?? {}) as Partial<ReplyTo>;
      return [process === undefined ? event.streamId : `${process}/${key}`];
    },
    async act(event) {
      const { eventClass } = registry.find(event.type)!;
      const command = Object.assign(Object.create(eventClass.prototype as object) as object, copyOfJson(event.data));
      const { replyTo, ...sent } = event.headers;
      const headers: EventHeaders = { ...sent, causationId: event.id };
      const { target, wrong } = addressOf(event);
      // An outcome stands: whoever sent the command acts on a refusal, though the command might not be refused now.
      if ((replyTo || !target) && (await hasOutcome(store, event))) return;
      const told = replyTo && toldOf(event, replyTo as unknown as ReplyTo);
      const message: SentMessage = {
        commandId: event.id,
        headers,
        content: commandContent(undefined, JSON.stringify([event.type, event.version, event.data])),
        position: event.position,
        refusalsStand: told !== undefined,
        reply: told && target !== undefined ? { streamId: target, told } : undefined,
      };
      try {
        if (wrong) throw wrong;
        await runAsMessage(message, () => execute(command));
      } catch (error) {
        if (!told || !isRefusal(error)) throw error;
        if (target !== undefined) await refuseInStream(store, target, message, told, error);
        else await conclude(store, event, refusedEvent('', 0, { ...decisionOf(message), told }, error));
        return;
      }
      if (target === undefined) await conclude(store, event, acceptedEvent('', 0, decisionOf(message)));
    },
  };
}

/** Whom a command is for. */
interface Address {
  /** The stream of its aggregate; `undefined` where only its handler knows it, or where there is none. */
  readonly target?: string;
  /** Why it is for no aggregate, though its class says where the aggregate's id is. */
  readonly wrong?: ValidationFailed;
}

/** Whether it is said of an id that it is none, or none that a stream could have. */
function namesNothing(error: unknown): error is TypeError | InvalidStreamId {
  return error instanceof TypeError || error instanceof InvalidStreamId;
}

/** Whether it is an answer to the command, which is no other when it is tried again. */
function isRefusal(error: unknown): error is Error {
  return error instanceof DomainError || error instanceof ValidationFailed || error instanceof InvalidStreamId;
}

const OUTCOME = 'gesta.refusal';
const outcomeId = (command: RecordedEvent) => deterministicId('refusal', command.id);

/**
 * Whether the stream that is kept for the command's outcome has one: of commands whose target only their handler knows,
 * and of refusals that older versions recorded.
 */
async function hasOutcome(store: EventStore, command: RecordedEvent): Promise<boolean> {
  for await (const recorded of store.readStream(streamId(OUTCOME, outcomeId(command)), { limit: 1 })) {
    if (recorded.length > 0) return true;
  }
  return false;
}

/** Records the command's one outcome; where another owner was first with one, that one stands. */
async function conclude(store: EventStore, command: RecordedEvent, outcome: EventToAppend): Promise<void> {
  try {
    await store.append(streamId(OUTCOME, outcomeId(command)), [outcome], { expected: 'no-stream' });
  } catch (error) {
    if (!(error instanceof WrongExpectedRevision)) throw error;
  }
}

/**
 * Records a refusal that came before its aggregate was asked, such as that of a broken rule, at the end of the
 * aggregate's stream: unless the command has an outcome there, which is where the aggregate's own refusals are.
 */
async function refuseInStream(
  store: EventStore,
  stream: string,
  message: SentMessage,
  told: JsonObject,
  error: Error,
): Promise<void> {
  for (;;) {
    let revision = -1;
    for await (const last of store.readStream(stream, { direction: 'backwards', limit: 1 })) {
      revision = last[0]?.revision ?? -1;
    }
    const since = await eventsBack(store, stream, revision + 1, message.position!);
    if (since.some(({ commandId }) => commandId === message.commandId)) return;
    const refused = refusedEvent(stream, revision, { ...decisionOf(message), told }, error);
    try {
      await store.append(stream, [refused], { expected: revision < 0 ? 'no-stream' : revision });
      return;
    } catch (failure) {
      if (!(failure instanceof WrongExpectedRevision)) throw failure;
    }
  }
}

/** What is recorded with an outcome that no aggregate decided. */
function decisionOf({ commandId, headers = {}, content, refusalsStand, position }: SentMessage): DecisionContext {
  const correlated = { ...headers, correlationId: headers.correlationId ?? commandId! };
  return { commandId, headers: correlated, content, refusalsStand, position, told: undefined };
}

/** What whoever sent the command is told of its refusal. */
function toldOf(command: RecordedEvent, { process, key }: ReplyTo): JsonObject {
  const { id, type, version, data } = command;
  return { process, key, commandId: id, command: type, version, data };
}
