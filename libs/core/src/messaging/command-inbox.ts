import { DomainError } from '../aggregates/domain-error.js';
import type { AggregateDefinition } from '../aggregates/aggregate-definition.js';
import type { Class } from '../events/class.js';
import { deterministicId } from '../events/deterministic-id.js';
import { EventRegistry } from '../events/event-registry.js';
import { eventDefinition } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { EventHeaders, RecordedEvent } from '../events/recorded-event.js';
import { ValidationFailed } from '../events/validation-failed.js';
import { CommandRefused } from '../processes/command-refused.js';
import { appendOnce, type ReplyTo } from '../processes/outbox.js';
import type { EffectParts } from '../readers/effect-consumer.js';
import type { EventStore } from '../store/event-store.js';
import { streamId } from '../store/stream-id.js';
import { runInMessageContext } from './message-context.js';

/** Executes commands that arrive through the log. */
export interface CommandEndpoint {
  /** The `@Command` classes that are handled here. */
  readonly handled: readonly Class[];
  /** Handles a command, an instance of one of those classes; it may be asked again for the same command. */
  readonly execute: (command: object) => Promise<unknown>;
}

/** A command is tried this often before its aggregate's commands are set aside. */
const ATTEMPTS = 5;

/**
 * Takes commands from the log and executes them under their ids, so that a repeat is recognised; those for one aggregate
 * one after the other. A refusal is recorded for whoever sent the command.
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

  return {
    registry,
    filter: { types: EventRegistry.namesOf(handled) },
    attempts: ATTEMPTS,
    keysOf(event) {
      const target = targets.get(registry.find(event.type)!.eventClass);
      if (target) return [streamId(target.aggregate.category, target.handler.idOf(event.data))];
      // Its target is only known to its handler: commands of one sender stay in order.
      const { process, key } = (event.headers.replyTo ?? {}) as Partial<ReplyTo>;
      return [process === undefined ? event.streamId : `${process}/${key}`];
    },
    async act(event) {
      const { eventClass } = registry.find(event.type)!;
      const command = Object.assign(
        Object.create(eventClass.prototype as object) as object,
        structuredClone(event.data),
      );
      const { replyTo, ...sent } = event.headers;
      // A refusal stands: whoever sent the command acts on it, though the command might not be refused now.
      if (replyTo && (await wasRefused(store, event))) return;
      const headers: EventHeaders = { ...sent, causationId: event.id };
      try {
        await runInMessageContext({ commandId: event.id, headers }, () => execute(command));
      } catch (error) {
        if (!replyTo || !(error instanceof DomainError || error instanceof ValidationFailed)) throw error;
        await refuse(store, event, replyTo as unknown as ReplyTo, error, headers);
      }
    },
  };
}

const REFUSAL = 'gesta.refusal';
const refusalId = (command: RecordedEvent) => deterministicId('refusal', command.id);

async function wasRefused(store: EventStore, command: RecordedEvent): Promise<boolean> {
  for await (const recorded of store.readStream(streamId(REFUSAL, refusalId(command)), { limit: 1 })) {
    if (recorded.length > 0) return true;
  }
  return false;
}

/** Records the refusal under an id made of the command's: refused twice, it is recorded once. */
async function refuse(
  store: EventStore,
  command: RecordedEvent,
  { process, key }: ReplyTo,
  error: Error,
  headers: EventHeaders,
): Promise<void> {
  const { type, version } = eventDefinition(CommandRefused);
  const data: JsonObject = {
    process,
    key,
    commandId: command.id,
    command: command.type,
    version: command.version,
    data: command.data,
    refusal: { name: error.name, message: error.message },
  };
  await appendOnce(store, REFUSAL, {
    id: refusalId(command),
    type,
    version,
    headers,
    data,
  });
}
