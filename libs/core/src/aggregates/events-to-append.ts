import { hash, randomUUID } from 'node:crypto';
import { deterministicId } from '../events/deterministic-id.js';
import type { DomainEvent } from '../events/domain-event.js';
import { eventDefinition } from '../events/event.decorator.js';
import { copyOfJson, toJson, type JsonObject } from '../events/json.js';
import type { EventToAppend } from '../events/recorded-event.js';
import type { Validator } from '../events/validation-failed.js';
import { headersOf } from './command-outcome.js';
import type { DecisionContext } from '../messaging/message-context.js';

/**
 * The events of one decision as they will be recorded, every one of them checked. They share nothing with the aggregate
 * or the command, whatever becomes of these.
 * @param revision the stream's revision that the decision was made at
 * @throws {ValidationFailed} when one breaks its class's rules
 * @throws {NotJson} when one holds what JSON cannot hold
 */
export async function eventsToAppend(
  stated: readonly DomainEvent[],
  stream: string,
  revision: number,
  decision: DecisionContext,
  validate: Validator | undefined,
): Promise<EventToAppend[]> {
  const { commandId } = decision;
  const headers = headersOf(decision);
  const events: Omit<EventToAppend, 'id'>[] = [];
  // All of them before anything is waited for.
  const copies = stated.map(({ data }) => copyOfJson(toJson(data) as JsonObject));
  for (const [index, { eventClass, type }] of stated.entries()) {
    const data = copies[index]!;
    const checking = validate?.(eventClass, data);
    if (checking) await checking;
    events.push({ type, version: eventDefinition(eventClass).version, commandId, headers, data });
  }
  if (commandId === undefined) return events.map((event) => ({ id: randomUUID(), ...event }));
  // The same decision at the same revision has the same ids, and no other has: were another decision's events taken for
  // a repeat of these, what is folded here would not be what was recorded.
  const content = hash('sha256', JSON.stringify(events), 'base64url');
  return events.map((event, index) => ({ id: deterministicId(commandId, stream, revision, content, index), ...event }));
}
