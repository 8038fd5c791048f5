import { LINK_TYPE, TOMBSTONE_REVISION, type LogEvent, type ResolvedEvent } from './log-event.js';
import type { EventRow, EventRows } from './event-rows.js';
import type { NumberedView } from './numbered-view.js';
import { isDeleted, settingsOf } from './stream-settings.js';
import type { StreamEntry, StreamTable } from './stream-table.js';
import { visibleSpan } from './visible-span.js';

const POINTER = /^(\d+)@(.+)$/s;

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
    const [, revision, streamId] = POINTER.exec(Buffer.from(event.data).toString('utf8')) ?? [];
    return { event: streamId === undefined ? undefined : this.find(streamId, Number(revision)), link: event };
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
