import type { JsonObject } from '@gesta/core';
import { BEGINNING, furthest, isBehind, type LogPlace } from './log-place.js';
import { parsed, type StoredEvent } from './stored-event.js';

const METADATA = '$metadata';
const TOMBSTONE = '$streamDeleted';

/** By these types of event the log says that events before it were removed. */
export const REMOVING_TYPES = [METADATA, TOMBSTONE];

/** What the server writes for "all of it" is more than a number holds. */
const EVERYTHING = Number.MAX_SAFE_INTEGER;

interface Removal {
  /** Events before this revision are gone. */
  readonly before: number;
  /** Set when all of the stream was deleted: what was appended behind this place is there. */
  readonly until: LogPlace | undefined;
}

/**
 * Which events of the log are no longer there. EventStoreDB keeps those of deleted and truncated streams in its log until
 * it is scavenged; that they are gone is written behind them, in the streams' metadata. A part of the log can be given
 * rightly once the metadata from there to the end is known.
 */
export class RemovedEvents {
  readonly #removals = new Map<string, Removal>();
  /** Everything that was written between these places is known here. */
  #from: LogPlace | undefined;
  #to: LogPlace = BEGINNING;
  #scanning: Promise<unknown> = Promise.resolve();

  /** @param scan reads the events of {@link REMOVING_TYPES} behind a place, and says how far it came */
  constructor(private readonly scan: (after: LogPlace, found: (event: StoredEvent) => void) => Promise<LogPlace>) {}

  /** Whether the event was removed, as far as is known. */
  has({ streamId, revision, place }: StoredEvent): boolean {
    const removal = this.#removals.get(streamId);
    if (!removal || revision >= removal.before) return false;
    return removal.until === undefined || !isBehind(place, removal.until);
  }

  /**
   * Reads what was removed behind the place.
   * @param upTo how far it must be known; up to the log's end, as it is now, when absent
   */
  async learn(after: LogPlace, upTo?: LogPlace): Promise<void> {
    const turn = this.#scanning.then(() => this.#learn(after, upTo));
    this.#scanning = turn.catch(() => undefined);
    await turn;
  }

  /** Takes an event of the log's end. Those from `start` on were all given. */
  follow(event: StoredEvent, start: LogPlace): void {
    this.#note(event);
    if (this.#from && !isBehind(start, this.#to)) this.#to = furthest(this.#to, event.place);
  }

  async #learn(after: LogPlace, upTo: LogPlace | undefined): Promise<void> {
    const known = this.#from !== undefined && !isBehind(this.#from, after);
    if (known && upTo && !isBehind(upTo, this.#to)) return;
    // A scan from further back goes over what is known once more; there is no call that would stop there.
    const reached = await this.scan(known ? this.#to : after, (event) => this.#note(event));
    this.#from = known ? this.#from : after;
    this.#to = furthest(this.#to, reached);
  }

  #note({ type, streamId, place, data }: StoredEvent): void {
    if (type === TOMBSTONE) {
      this.#removals.set(streamId, { before: Infinity, until: undefined });
    } else if (type === METADATA && streamId.startsWith('$$')) {
      const stream = streamId.slice(2);
      const before = (parsed(data) as JsonObject | undefined)?.$tb;
      if (typeof before !== 'number' || before <= 0) {
        if (this.#removals.get(stream)?.before !== Infinity) this.#removals.delete(stream);
      } else {
        const all = before > EVERYTHING;
        this.#removals.set(stream, { before: all ? EVERYTHING : before, until: all ? place : undefined });
      }
    }
  }
}
