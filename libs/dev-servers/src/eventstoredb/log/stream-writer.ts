import type { Database, Statement } from 'better-sqlite3';
import { randomUUID } from 'node:crypto';
import { EventInserter } from './event-inserter.js';
import { TOMBSTONE_REVISION, type ExpectedRevision, type ProposedEvent, type WriteOutcome } from './log-event.js';
import { RecentIds } from './recent-ids.js';
import { isMetastream, metastreamOf, originalOfMetastream } from './stream-names.js';
import { DELETED_METADATA, isDeleted, metadataText, settingsOf, withTruncateBefore } from './stream-settings.js';
import { visibleSpan } from './visible-span.js';
import { StreamTable, type StreamEntry } from './stream-table.js';

const NO_BYTES = new Uint8Array(0);
const DELETED: WriteOutcome = { result: 'stream-deleted' };

type Placed = { readonly id: string; readonly position: number; readonly created: number };

/** Appends to streams and deletes them, as EventStoreDB decides it. All of it belongs inside a write. */
export class StreamWriter {
  readonly #streams: StreamTable;
  readonly #events: EventInserter;
  readonly #recent = new RecentIds();
  readonly #placeOf: Statement<[number, number], Placed>;

  constructor(db: Database) {
    this.#events = new EventInserter(db);
    this.#streams = new StreamTable(db, (name) => this.#events.nameId(name));
    this.#placeOf = db.prepare('SELECT id, position, created FROM esdb_event WHERE stream = ? AND revision = ?');
  }

  /**
   * Appends the events if the stream is as expected, or recognises them as those that were appended there before.
   * @param created in microseconds since 1970
   */
  append(
    streamId: string,
    events: readonly ProposedEvent[],
    expected: ExpectedRevision,
    created: number,
  ): WriteOutcome {
    const stream = this.#streams.find(streamId);
    const last = this.#streams.lastRevision(streamId, stream);
    const decided = this.#decide(streamId, stream, last, events, expected);
    if (decided) return decided;
    const wasDeleted = isDeleted(settingsOf(streamId, stream?.settings));
    const isEmpty = events.length === 0;
    const position = isEmpty ? this.#events.reserve(streamId) : this.#write(streamId, last + 1, events, created);
    if (wasDeleted) this.#recreate(streamId, stream!, last + 1, created);
    if (isMetastream(streamId) && !isEmpty) this.#settle(originalOfMetastream(streamId), events.at(-1)!, created);
    return { result: 'written', revision: last + events.length, position, ...(wasDeleted && { beganAgain: true }) };
  }

  /**
   * Hides the stream's events by its metadata; what is appended later continues its revisions. A stream that never was
   * is refused, whatever is expected of it.
   */
  softDelete(streamId: string, expected: ExpectedRevision, created: number): WriteOutcome {
    const stream = this.#streams.find(streamId);
    const last = this.#streams.lastRevision(streamId, stream);
    const refused = this.#decide(streamId, stream, last, [{ id: randomUUID() }], expected);
    if (refused) return refused;
    if (this.#streams.lastRevision(metastreamOf(streamId)) === TOMBSTONE_REVISION) return DELETED;
    if (last < 0 && !this.#hasMetadata(streamId)) return { result: 'wrong-expected-revision', actual: last };
    return { result: 'written', revision: last, position: this.#writeMetadata(streamId, DELETED_METADATA, created) };
  }

  /** Ends the stream for good. */
  tombstone(streamId: string, expected: ExpectedRevision, created: number): WriteOutcome {
    const stream = this.#streams.find(streamId);
    const last = this.#streams.lastRevision(streamId, stream);
    const refused = this.#decide(streamId, stream, last, [{ id: randomUUID() }], expected);
    if (refused) return refused;
    const event = { id: randomUUID(), type: '$streamDeleted', isJson: false, data: NO_BYTES, metadata: NO_BYTES };
    const position = this.#write(streamId, TOMBSTONE_REVISION, [event], created);
    if (isMetastream(streamId)) this.#forgetSettings(originalOfMetastream(streamId));
    return { result: 'written', revision: TOMBSTONE_REVISION, position };
  }

  /** Forgets where events stand that were not written after all. */
  forget(streamId: string, events: readonly ProposedEvent[]): void {
    const stream = this.#streams.find(streamId);
    for (const { id } of events) {
      const revision = stream && this.#recent.revisionOf(id, stream.id);
      const isThere = revision !== undefined && this.#placeOf.get(stream!.id, revision)?.id === id;
      if (!isThere) this.#recent.remove(id);
    }
  }

  /** @returns undefined if the write shall be done */
  #decide(
    streamId: string,
    stream: StreamEntry | undefined,
    last: number,
    events: readonly Pick<ProposedEvent, 'id'>[],
    expected: ExpectedRevision,
  ): WriteOutcome | undefined {
    if (last === TOMBSTONE_REVISION) return DELETED;
    const refused: WriteOutcome = { result: 'wrong-expected-revision', actual: last };
    if (expected === 'any' || expected === 'stream-exists') {
      if (expected === 'stream-exists') {
        if (isDeleted(settingsOf(streamId, stream?.settings))) return DELETED;
        if (last < 0 && !this.#hasMetadata(streamId)) return refused;
      }
      if (!stream || events.length === 0) return undefined;
      const revision = this.#repeatedAnywhere(stream, events);
      if (typeof revision === 'number') return this.#repeat(streamId, stream, last, revision);
      return revision === 'in-part' ? refused : undefined;
    }
    const expectedLast = expected === 'no-stream' ? -1 : expected;
    if (expectedLast === last) return undefined;
    if (expectedLast > last || events.length === 0) return refused;
    const repeated = this.#repeatedAt(stream!, expectedLast + 1, events);
    if (repeated === 'wholly') return this.#repeat(streamId, stream!, last, expectedLast + events.length);
    if (repeated === 'in-part') return refused;
    return expected === 'no-stream' && isDeleted(settingsOf(streamId, stream!.settings)) ? undefined : refused;
  }

  /** The first answer to what was appended before. What nobody can read any more has no position. */
  #repeat(streamId: string, { id, settings }: StreamEntry, last: number, revision: number): WriteOutcome {
    const of = settingsOf(streamId, settings);
    const { first, since } = visibleSpan(of, last, Date.now());
    const place = this.#placeOf.get(id, revision);
    const isShown = place && !isDeleted(of) && revision >= first && place.created >= since;
    return { result: 'written', revision, position: isShown ? place.position : undefined };
  }

  /** Whether the events stand at the revision: as far as is remembered, even if they were removed since. */
  #repeatedAt(
    stream: StreamEntry,
    revision: number,
    events: readonly Pick<ProposedEvent, 'id'>[],
  ): 'wholly' | 'in-part' | 'not-at-all' {
    for (const [index, { id }] of events.entries()) {
      const at = revision + index;
      if (this.#recent.revisionOf(id, stream.id) === at || this.#placeOf.get(stream.id, at)?.id === id) continue;
      return index === 0 ? 'not-at-all' : 'in-part';
    }
    return 'wholly';
  }

  /** @returns the revision of the last of the events when all of them were appended to the stream before */
  #repeatedAnywhere(
    stream: StreamEntry,
    events: readonly Pick<ProposedEvent, 'id'>[],
  ): number | 'in-part' | 'not-at-all' {
    let revision = -1;
    for (const [index, { id }] of events.entries()) {
      const recent = this.#recent.revisionOf(id, stream.id);
      if (recent === undefined) return index === 0 ? 'not-at-all' : 'in-part';
      revision = recent;
    }
    return revision;
  }

  #hasMetadata(streamId: string): boolean {
    return this.#streams.lastRevision(metastreamOf(streamId)) >= 0;
  }

  #write(streamId: string, revision: number, events: readonly ProposedEvent[], created: number): number {
    const stream = this.#streams.findOrAdd(streamId);
    if (stream.number === null && revision === 0) this.#streams.giveNumber(stream);
    events.forEach(({ id }, index) => this.#recent.add(id, stream.id, revision + index));
    return this.#events.insert({ ...stream, name: streamId }, revision, events, created);
  }

  #forgetSettings(streamId: string): void {
    const stream = this.#streams.find(streamId);
    if (stream) this.#streams.setSettings(stream, null);
  }

  #recreate(streamId: string, { settings }: StreamEntry, revision: number, created: number): void {
    this.#writeMetadata(streamId, withTruncateBefore(settings, revision), created);
  }

  /** Takes over new metadata of a stream. One that was deleted is there again, and what it had before stays hidden. */
  #settle(streamId: string, { isJson, data }: ProposedEvent, created: number): void {
    const stream = this.#streams.findOrAdd(streamId);
    const settings = isJson ? metadataText(data) : null;
    const wasDeleted = isDeleted(settingsOf(streamId, stream.settings));
    if (!wasDeleted) return this.#streams.setSettings(stream, settings);
    const next = this.#streams.lastRevision(streamId, stream) + 1;
    this.#writeMetadata(streamId, withTruncateBefore(settings, next), created);
  }

  #writeMetadata(streamId: string, metadata: string, created: number): number {
    const metastream = metastreamOf(streamId);
    const revision = this.#streams.lastRevision(metastream) + 1;
    const event = {
      id: randomUUID(),
      type: '$metadata',
      isJson: true,
      data: Buffer.from(metadata, 'utf8'),
      metadata: NO_BYTES,
    };
    const position = this.#write(metastream, revision, [event], created);
    this.#streams.setSettings(this.#streams.findOrAdd(streamId), metadata);
    return position;
  }
}
