import { deterministicId } from '../events/deterministic-id.js';
import { Event, eventDefinition } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { EventToAppend, RecordedEvent } from '../events/recorded-event.js';
import { CONTENT_HEADER } from '../messaging/command-content.js';
import type { DecisionContext } from '../messaging/message-context.js';
import { CommandRefused } from '../processes/command-refused.js';
import type { Refusal } from '../processes/process-manager.decorator.js';
import { DomainError } from './domain-error.js';

/** Recorded in an aggregate's stream where a command with an id was accepted and nothing was to be done. */
@Event('gesta.command-accepted')
export class CommandAccepted {
  readonly commandId!: string;
}

const ACCEPTED = eventDefinition(CommandAccepted).type;
const REFUSED = eventDefinition(CommandRefused).type;

/** Whether events of the name say what came of a command. They are in aggregates' streams, and no part of their state. */
export function isOutcome(type: string): boolean {
  return type === ACCEPTED || type === REFUSED;
}

/** A repeat of a command that was refused: refused again, in the words of the first time. */
export class CommandWasRefused extends DomainError {
  readonly code?: string;
  constructor({ name, message, code }: Refusal) {
    super(message);
    this.name = name;
    if (code !== undefined) this.code = code;
  }
}

/** The command's id has been used for a command that says something else. Nothing was decided. */
export class CommandIdTaken extends Error {
  override readonly name = 'CommandIdTaken';
  constructor(
    readonly commandId: string,
    readonly streamId: string,
    revision: number,
  ) {
    super(
      `The command id ${commandId} was used for another command, whose outcome is at revision ${revision} of ${streamId}: give every command an id of its own`,
    );
  }
}

/** The event that says that the command was accepted, and nothing was to be done. */
export function acceptedEvent(streamId: string, revision: number, decision: DecisionContext): EventToAppend {
  const commandId = decision.commandId!;
  const { type, version } = eventDefinition(CommandAccepted);
  return {
    id: deterministicId('accepted', commandId, streamId, revision),
    type,
    version,
    commandId,
    headers: headersOf(decision),
    data: { commandId },
  };
}

/** The event that says that the command was refused. */
export function refusedEvent(
  streamId: string,
  revision: number,
  decision: DecisionContext,
  error: Error,
): EventToAppend {
  const commandId = decision.commandId!;
  const { type, version } = eventDefinition(CommandRefused);
  const nobody = { process: '', key: '', commandId, command: '', version: 1, data: {} };
  return {
    id: deterministicId('refused', commandId, streamId, revision),
    type,
    version,
    commandId,
    headers: headersOf(decision),
    data: { ...(decision.told ?? nobody), refusal: refusalOf(error) },
  };
}

/** The headers of a decision's events: those that they inherit, and what its command said. */
export function headersOf({ headers, content }: DecisionContext): DecisionContext['headers'] {
  return content === undefined ? headers : { ...headers, [CONTENT_HEADER]: content };
}

/** The refusal that the event records, if it is one. */
export function refusalIn({ type, data }: RecordedEvent): Refusal | undefined {
  return type === REFUSED ? (data as unknown as CommandRefused).refusal : undefined;
}

/** Whether the event came of a command that says something else. Where one of the two is silent, it did not. */
export function saysOtherwise({ headers }: RecordedEvent, content: string | undefined): boolean {
  const recorded = headers[CONTENT_HEADER];
  return content !== undefined && typeof recorded === 'string' && recorded !== content;
}

export function refusalOf(error: Error): JsonObject {
  const { code } = error as { code?: unknown };
  return { name: error.name, message: error.message, ...(typeof code === 'string' && { code }) };
}
