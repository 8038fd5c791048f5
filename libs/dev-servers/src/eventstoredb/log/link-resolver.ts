import { LINK_TYPE, TOMBSTONE_REVISION, type LogEvent, type ResolvedEvent } from './log-event.js';
import type { EventRow, EventRows } from './event-rows.js';
import type { NumberedView } from './numbered-view.js';
import { isDeleted, settingsOf } from './stream-settings.js';
import type { StreamEntry, StreamTable } from './stream-table.js';
import { visibleSpan } from './visible-span.js';

/** A number as .NET reads it, and the name behind the first `@`. */
const POINTER = /^\s*([+-]?\d+)\s*(?:@(.*))?$/s;
const LARGEST = 2n ** 63n - 1n;

/** Finds the events that links lead to, as long as a reader of their own stream would still see them. */
export class LinkResolver {
  constructor(
    private readonly streams: StreamTable,
    private readonly events: NumberedView,
    private readonly rows: EventRows,
  ) {}

  /** The event, or the link and what it leads to. */
  resolve(event: LogEvent): ResolvedEvent {
    if (event.type !== LINK_TYPE) return { event };
    const [, number, streamId] = POINTER.exec(Buffer.from(event.data).toString('utf8')) ?? [];
    const revision = number === undefined ? undefined : BigInt(number.replace('+', ''));
    if (revision === undefined || revision > LARGEST || revision < -LARGEST - 1n) return { event }; // it is no link
    return { event: streamId === undefined ? undefined : this.#target(streamId, Number(revision)), link: event };
  }

  /** -1 leads to the last event. */
  #target(streamId: string, revision: number): LogEvent | undefined {
    return this.find(streamId, revision === -1 ? this.streams.lastRevision(streamId) : revision);
  }

  /** The event of that revision, if the stream has it and shows it. */
  find(streamId: string, revision: number): LogEvent | undefined {
    const stream = this.streams.find(streamId);
    if (!stream) return undefined;
    const since = this.#shows(streamId, stream, revision);
    if (since === undefined) return undefined;
    const [row] = this.events.read(stream.id, { lowest: revision, highest: revision, since }, false, 1);
    return row && this.rows.eventOf(row as unknown as EventRow);
  }

  /** Whether a reader of the event's stream sees it. */
  isVisible({ streamId, revision, created }: LogEvent): boolean {
    const stream = this.streams.find(streamId);
    const since = stream && this.#shows(streamId, stream, revision);
    return since !== undefined && created >= since;
  }

  /** @returns since when events of the stream can be seen, undefined when that revision cannot */
  #shows(streamId: string, stream: StreamEntry, revision: number): number | undefined {
    const settings = settingsOf(streamId, stream.settings);
    if (isDeleted(settings)) return undefined;
    const last = this.streams.lastRevision(streamId, stream);
    if (last === TOMBSTONE_REVISION) return undefined;
    const { first, since } = visibleSpan(settings, last, Date.now());
    return revision >= first ? since : undefined;
  }
}
