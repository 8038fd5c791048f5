import type { Database } from 'better-sqlite3';
import { hash } from 'node:crypto';
import { pageOfRows, type EventRow, type EventRows } from './event-rows.js';
import type { LinkResolver } from './link-resolver.js';
import { LINK_TYPE, revisionText, TOMBSTONE_REVISION, type LogEvent, type ResolvedEvent } from './log-event.js';
import { ALL_STREAMS, NumberedView, type NumberedRow, type ViewName } from './numbered-view.js';
import { linkStreamOf, STREAMS_STREAM } from './stream-names.js';
import { isDeleted, settingsOf } from './stream-settings.js';
import type { StreamTable } from './stream-table.js';
import { visibleSpan, type VisibleSpan } from './visible-span.js';
import type { NameTable } from './name-table.js';

/** What to read of a stream. */
export interface StreamRead {
  /** The revision to begin with, which belongs to what is read; `end` is the last one. */
  readonly from: number | 'end';
  readonly backwards?: boolean;
  /** At most so many events. */
  readonly limit: number;
  /** Whether a link comes with what it leads to. */
  readonly resolveLinks?: boolean;
  /** The last revision that is shown; all are without. */
  readonly through?: number;
  /** Whether what the stream's metadata hides is there all the same, as for who is told of events as they come. */
  readonly live?: boolean;
}

/** What was read of a stream, in one go. */
export interface StreamPage {
  /** Whether there is such a stream; `deleted` is one with a tombstone, `not-found` also one that can be begun again. */
  readonly status: 'found' | 'not-found' | 'deleted';
  /** None unless it was found. */
  readonly events: readonly ResolvedEvent[];
  /** The revision with which the next page begins; backwards it can be -1. */
  readonly next: number;
  /** Whether the end (backwards: the beginning) was reached. */
  readonly end: boolean;
  /** The revision of the last event of the stream; -1 unless it was found. */
  readonly last: number;
}

interface Place {
  readonly view: NumberedView;
  readonly key: number;
  readonly isLinks: boolean;
}

const ALL_OF_IT: VisibleSpan = { first: 0, since: 0 };

/** Reads streams: of events, and those of links which the server keeps. */
export class StreamReader {
  readonly #views: Record<ViewName, NumberedView>;

  constructor(
    db: Database,
    private readonly streams: StreamTable,
    private readonly names: NameTable,
    private readonly rows: EventRows,
    private readonly links: LinkResolver,
  ) {
    this.#views = {
      stream: new NumberedView(db, 'stream'),
      category: new NumberedView(db, 'category'),
      type: new NumberedView(db, 'type'),
      streams: new NumberedView(db, 'streams'),
    };
  }

  read(
    streamId: string,
    { from, backwards = false, limit, resolveLinks = false, through = Infinity, live = false }: StreamRead,
  ): StreamPage {
    const stream = this.streams.find(streamId);
    const settings = settingsOf(streamId, stream?.settings);
    const place = this.#placeOf(streamId, stream?.id);
    const written = place?.isLinks ? place.view.last(place.key) : this.streams.lastRevision(streamId, stream);
    const last = written === TOMBSTONE_REVISION ? written : Math.min(written, through);
    const absent = { events: [], next: from === 'end' ? 0 : from, end: true, last: -1 };
    if (last === TOMBSTONE_REVISION) return { ...absent, status: 'deleted' };
    if (!place || last < 0 || isDeleted(settings)) return { ...absent, status: 'not-found' };
    const { first, since } = live ? ALL_OF_IT : visibleSpan(settings, last, Date.now());
    const start = from === 'end' ? last : from;
    const span = backwards
      ? { lowest: first, highest: Math.min(start, last), since }
      : { lowest: Math.max(start, first), highest: last, since };
    const { rows, exhausted } = pageOfRows<NumberedRow>(
      (before, most) => place.view.read(place.key, following(span, backwards, before), backwards, most),
      limit,
    );
    const farthest = rows.at(-1)?.[9];
    const next = backwards
      ? exhausted || farthest === undefined
        ? -1
        : farthest - 1
      : exhausted || farthest === undefined
        ? Math.max(start, last + 1)
        : farthest + 1;
    const end = backwards ? next < first : next > last;
    const events = rows.map((row) => this.#resolved(streamId, place, row, resolveLinks));
    return { status: 'found', events, next, end, last };
  }

  /** The revision of the stream's last event; -1 for none. A tombstone's own, if it has one. */
  last(streamId: string): number {
    const place = this.#placeOf(streamId, undefined);
    return place?.isLinks ? place.view.last(place.key) : this.streams.lastRevision(streamId);
  }

  /** The tombstone of a stream that has one. */
  tombstone(streamId: string): LogEvent | undefined {
    const id = this.streams.find(streamId)?.id;
    if (id === undefined) return undefined;
    const span = { lowest: TOMBSTONE_REVISION, highest: TOMBSTONE_REVISION, since: 0 };
    const [row] = this.#views.stream.read(id, span, false, 1);
    return row && this.rows.eventOf(row as unknown as EventRow);
  }

  #placeOf(streamId: string, id: number | undefined): Place | undefined {
    const links = linkStreamOf(streamId);
    if (!links) return id === undefined ? undefined : { view: this.#views.stream, key: id, isLinks: false };
    if (links.of === 'streams') return { view: this.#views.streams, key: ALL_STREAMS, isLinks: true };
    const key = this.names.idOf(links.name);
    return key === undefined ? undefined : { view: this.#views[links.of], key, isLinks: true };
  }

  #resolved(streamId: string, { isLinks }: Place, row: NumberedRow, resolveLinks: boolean): ResolvedEvent {
    const event = this.rows.eventOf(row as unknown as EventRow);
    if (!isLinks) return resolveLinks ? this.links.resolve(event) : { event };
    const link = linkTo(event, streamId, row[9]);
    if (!resolveLinks) return { event: link };
    return { event: this.links.isVisible(event) ? event : undefined, link };
  }
}

function following(span: { lowest: number; highest: number; since: number }, backwards: boolean, before?: NumberedRow) {
  if (!before) return span;
  return backwards ? { ...span, highest: before[9] - 1 } : { ...span, lowest: before[9] + 1 };
}

/** The link to an event as a stream of links has it. It has its event's position, as it takes no place in the log. */
function linkTo(event: LogEvent, streamId: string, revision: number): LogEvent {
  const target = streamId === STREAMS_STREAM ? '0' : revisionText(event.revision);
  return {
    position: event.position,
    streamId,
    revision,
    id: uuidOf(`${revision}@${streamId}`),
    type: LINK_TYPE,
    isJson: false,
    created: event.created,
    data: Buffer.from(`${target}@${event.streamId}`, 'utf8'),
    metadata: Buffer.from(`{"$causedBy":"${event.id}"}`, 'utf8'),
  };
}

/** The same UUID for the same name. */
function uuidOf(name: string): string {
  const hex = hash('sha1', name, 'hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
