import {
  checkedStreamId,
  eventDefinition,
  isEventClass,
  type DomainEvent,
  type EventHeaders,
  type JsonObject,
  type Refusal,
  type SendEffect,
} from '@gesta/core';
import { ScenarioFailed } from './scenario-failed.js';

/** An event as an older version of the code recorded it. Made by {@link old}. */
export interface OldEvent {
  readonly kind: 'old';
  readonly type: string;
  readonly version: number;
  readonly data: object;
}

/** A command that a process manager sent, refused. Made by {@link refused}. */
export interface RefusedCommand {
  readonly kind: 'refused';
  readonly sent: SendEffect;
  readonly refusal: Refusal;
}

/** A deadline of a process manager that has passed. Made by {@link due}. */
export interface PassedDeadline {
  readonly kind: 'due';
  readonly name: string;
  readonly key: string | undefined;
}

/** Happenings that share a stream, a time or headers. Made by {@link on}, {@link at} and {@link withHeaders}. */
export interface Circumstances {
  readonly kind: 'circumstances';
  readonly streamId?: string;
  readonly recordedAt?: Date;
  readonly headers?: EventHeaders;
  readonly happenings: readonly Happening[];
}

/** What a scenario may begin with: events, and for process managers also refusals and deadlines. */
export type Happening = DomainEvent | OldEvent | RefusedCommand | PassedDeadline | Circumstances;

/** One happening with the circumstances that were written around it. */
export interface Placed {
  readonly happening: Exclude<Happening, Circumstances>;
  readonly streamId: string | undefined;
  readonly recordedAt: Date | undefined;
  readonly headers: EventHeaders;
}

/**
 * An event as it stands in the log since an older version: `old('ordering.order-placed', 1, { … })`. It is lifted by the
 * class's upcasters, as when it is read from a store.
 * @param type the name it was recorded under, former names included
 * @param version the version of its shape, from 1
 */
export function old(type: string, version: number, data: object): OldEvent {
  return { kind: 'old', type, version, data };
}

/**
 * A command that the process manager sent came back refused: `refused(send(ReserveStock, { … }), { name: 'OutOfStock', message: '…' })`.
 * The scenario fails when the process manager has not sent this very command before.
 * @param refusal a name and a message; an instance of the domain error will do
 */
export function refused(sent: SendEffect, refusal: Refusal): RefusedCommand {
  return { kind: 'refused', sent, refusal: { name: refusal.name, message: refusal.message } };
}

/**
 * A deadline of the process manager passes. It is recorded when it was due, unless `at` says later. The scenario fails
 * when the deadline was never set; where it was taken back since, the process manager hears nothing, as in production.
 * @param key the instance that set it, where several did
 */
export function due(name: string, key?: string): PassedDeadline {
  return { kind: 'due', name, key };
}

/**
 * Puts events on a stream: `on('ordering.order-1', event(OrderPlaced, { … }))`. Around it and within it, `at` and
 * `withHeaders` may say more; what is closest to the event counts.
 * @throws {InvalidStreamId} when the name could not be a stream's
 */
export function on(streamId: string, ...happenings: Happening[]): Circumstances {
  return { kind: 'circumstances', streamId: checkedStreamId(streamId), happenings };
}

/**
 * Says when events were recorded. An event without it is recorded at the time of the one before, the first one at
 * 2026-01-01T00:00:00.000Z.
 * @throws {RangeError} when the date is none
 */
export function at(date: Date | string, ...happenings: Happening[]): Circumstances {
  const recordedAt = new Date(date);
  if (Number.isNaN(recordedAt.getTime())) throw new RangeError(`at: '${String(date)}' is no date`);
  return { kind: 'circumstances', recordedAt, happenings };
}

/** Gives events headers, such as `{ userId: 'alice' }`; headers further out are kept where these do not name them. */
export function withHeaders(headers: EventHeaders, ...happenings: Happening[]): Circumstances {
  return { kind: 'circumstances', headers, happenings };
}

/**
 * One by one, in order, each with all that was written around it.
 * @throws {ScenarioFailed} when something else than a happening was given
 */
export function placed(
  happenings: readonly Happening[],
  around: Omit<Placed, 'happening'> = { streamId: undefined, recordedAt: undefined, headers: {} },
): Placed[] {
  return happenings.flatMap((happening) => {
    if (!isHappening(happening)) {
      const found =
        typeof happening === 'object' && happening
          ? `an instance of ${(happening as object).constructor?.name}`
          : String(happening);
      throw new ScenarioFailed(`A scenario is told in events, made by event(…), on(…), at(…) or old(…); not ${found}`);
    }
    if (!('kind' in happening) || happening.kind !== 'circumstances') return [{ happening, ...around }];
    return placed(happening.happenings, {
      streamId: happening.streamId ?? around.streamId,
      recordedAt: happening.recordedAt ?? around.recordedAt,
      headers: { ...around.headers, ...happening.headers },
    });
  });
}

/** What an event is recorded as; `undefined` for what is no event of the application's own. */
export function asRecorded(
  happening: Placed['happening'],
): { type: string; version: number; data: JsonObject } | undefined {
  if ('eventClass' in happening) {
    const { type, version } = eventDefinition(happening.eventClass);
    return { type, version, data: happening.data as JsonObject };
  }
  return happening.kind === 'old' ? { ...happening, data: happening.data as JsonObject } : undefined;
}

function isHappening(candidate: unknown): candidate is Happening {
  if (typeof candidate !== 'object' || candidate === null) return false;
  if ('eventClass' in candidate) return isEventClass(candidate.eventClass);
  return 'kind' in candidate && ['old', 'refused', 'due', 'circumstances'].includes(candidate.kind as string);
}
