import type { JsonObject, JsonValue } from './json.js';

/**
 * What travels with an event beside its data: who caused it, and what belongs together.
 * Names beyond these are the application's own.
 */
export interface EventHeaders {
  /** The same for everything that followed from one request. */
  correlationId?: string;
  /** The id of the command or event that this one follows from. */
  causationId?: string;
  /** Who asked, as the application knows its users. */
  userId?: string;
  /** W3C trace context, so that a trace goes on across processes. */
  traceparent?: string;
  [name: string]: JsonValue | undefined;
}

/** What is known of an event as soon as it is decided. Aggregates see no more, so that folding what was just decided equals folding it after a reload. */
export interface StreamMetadata {
  /** A UUID, unique in the store. */
  readonly id: string;
  /** The event's name, such as `ordering.order-placed`. */
  readonly type: string;
  /** The version of the event's shape, from 1. */
  readonly version: number;
  readonly streamId: string;
  /** The event's number within its stream, from 0. */
  readonly revision: number;
  /** The id of the command that led to this event, where it had one. */
  readonly commandId: string | undefined;
  readonly headers: EventHeaders;
}

/** All that is known of a recorded event but its data. Projections, process managers and reactors receive it beside the data. */
export interface EventMetadata extends StreamMetadata {
  /** The event's place in the whole log: comparable and strictly increasing within one store, not gapless. */
  readonly position: bigint;
  /** When the store recorded it, by the store's clock. Positions order events; this does not. */
  readonly recordedAt: Date;
}

/** An event as a store gives it back. `data` is a JSON value. */
export interface RecordedEvent<T = JsonObject> extends EventMetadata {
  readonly data: T;
}

/** An event as a store takes it. */
export interface EventToAppend {
  /** A UUID. Appending the same ids again at the same place is recognised as a repeat. */
  readonly id: string;
  readonly type: string;
  readonly version: number;
  readonly commandId?: string | undefined;
  readonly headers: EventHeaders;
  readonly data: JsonObject;
}
