import { deterministicId, type EventHeaders, type JsonObject, type RecordedEvent } from '@gesta/core';
import { asJson } from './as-json.js';

/** When a scenario's first event is recorded, unless `at` says otherwise. */
const START = new Date('2026-01-01T00:00:00.000Z');

/** Gives a scenario's events what a store would: ids, revisions, positions and times. The same ones in every run. */
export class Recording {
  private readonly revisions = new Map<string, number>();
  private position = 0n;
  private latest = START;

  /** The time of the event that was recorded last. */
  get now(): Date {
    return this.latest;
  }

  /** The id of the event that is recorded next. */
  get nextId(): string {
    return deterministicId('scenario', this.position + 1n);
  }

  /** @throws {NotJson} when the data or the headers are none that JSON can hold */
  record(event: {
    type: string;
    version: number;
    streamId: string;
    recordedAt?: Date | undefined;
    headers: EventHeaders;
    data: JsonObject;
  }): RecordedEvent {
    const { type, version, streamId, recordedAt = this.latest, headers, data } = event;
    const id = this.nextId;
    const revision = (this.revisions.get(streamId) ?? -1) + 1;
    this.revisions.set(streamId, revision);
    this.position++;
    this.latest = recordedAt;
    return {
      id,
      type,
      version,
      streamId,
      revision,
      position: this.position,
      recordedAt: new Date(recordedAt),
      commandId: undefined,
      headers: asJson({ correlationId: 'scenario', ...headers }),
      data: asJson(data),
    };
  }
}

/** The stream of an event that no `on` puts on one: the part of its name before the first dot or dash, and the id `1`. */
export function defaultStream(type: string): string {
  return `${type.split(/[.-]/, 1)[0]!}-1`;
}
