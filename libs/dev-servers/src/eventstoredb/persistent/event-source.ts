import { eventTest, type EventFilter, type EventTest } from '../log/event-filter.js';
import { ALL, type EventLog } from '../log/event-log.js';
import { originalOf, revisionText, TOMBSTONE_REVISION, type ResolvedEvent } from '../log/log-event.js';

/** Some events of a source, in their order. */
export interface SourcePage {
  readonly events: readonly ResolvedEvent[];
  /** The place up to which the source was looked at. */
  readonly readTo: number;
  /** How many events were looked at and are not wanted, without those that groups write themselves. */
  readonly passedOver: number;
  /** Whether there is nothing behind it. */
  readonly atEnd: boolean;
}

/** What a group reads: a stream, where places are revisions, or the whole log, where they are positions. */
export interface EventSource {
  /** The stream, or `$all`. */
  readonly name: string;
  /**
   * @param live whether all that there was has been read before: who is told of events as they come is told of the end too
   * @returns some of the events behind the place, at most `limit`
   */
  read(after: number, limit: number, resolveLinks: boolean, live: boolean): SourcePage;
  /** @returns the place of an event that was read from here */
  placeOf(event: ResolvedEvent): number;
  /** @returns the place of the last event; -1 when there is none */
  end(): number;
  /** Resolves after the next append, or at the signal. */
  grown(signal: AbortSignal): Promise<void>;
  /** @returns the place as EventStoreDB writes it; -1 stands for the end */
  textOf(place: number): string;
  /** @returns undefined when that is no place */
  placeIn(text: string): number | undefined;
}

/** A stream, which may be one of links. */
export class StreamSource implements EventSource {
  constructor(
    private readonly log: EventLog,
    readonly name: string,
  ) {}

  read(after: number, limit: number, resolveLinks: boolean, live: boolean): SourcePage {
    const page = this.log.readStream(this.name, { from: after + 1, limit, resolveLinks });
    if (page.status === 'deleted' && live && after < TOMBSTONE_REVISION) {
      const event = this.log.tombstoneOf(this.name);
      return { events: event ? [{ event }] : [], readTo: TOMBSTONE_REVISION, passedOver: 0, atEnd: true };
    }
    if (page.status !== 'found') return { events: [], readTo: after, passedOver: 0, atEnd: true };
    return { events: page.events, readTo: page.next - 1, passedOver: 0, atEnd: page.end };
  }

  placeOf(event: ResolvedEvent): number {
    return originalOf(event).revision;
  }

  end(): number {
    const last = this.log.lastRevision(this.name);
    return last === TOMBSTONE_REVISION ? -1 : last;
  }

  grown(signal: AbortSignal): Promise<void> {
    return this.log.grown(this.name, signal);
  }

  textOf(place: number): string {
    return revisionText(place);
  }

  placeIn(text: string): number | undefined {
    return /^\d+$/.test(text) ? Math.min(Number(text), TOMBSTONE_REVISION) : undefined;
  }
}

const OF_GROUPS_TO_ALL = /^\$persistentsubscription-\$all::.*-(?:checkpoint|parked)$/s;

/**
 * The whole log, but for what groups that read it write themselves. That is no progress either, else the checkpoint of
 * one would lead to the next one for ever.
 */
export class AllSource implements EventSource {
  readonly name = ALL;
  readonly #isWanted: EventTest;

  /** @throws {Error} when the filter has a regular expression that is none */
  constructor(
    private readonly log: EventLog,
    filter: EventFilter | undefined,
  ) {
    this.#isWanted = filter ? eventTest(filter) : () => true;
  }

  read(after: number, limit: number, resolveLinks: boolean): SourcePage {
    let own = 0;
    const test: EventTest = (event) => {
      const isOwn = OF_GROUPS_TO_ALL.test(event.streamId);
      if (isOwn) own++;
      return !isOwn && this.#isWanted(event);
    };
    const { events, next, considered, end } = this.log.readAll({ from: after, limit, resolveLinks, test });
    return { events, readTo: next, passedOver: considered - events.length - own, atEnd: end };
  }

  placeOf(event: ResolvedEvent): number {
    return originalOf(event).position;
  }

  end(): number {
    return this.log.end();
  }

  grown(signal: AbortSignal): Promise<void> {
    return this.log.grown(ALL, signal);
  }

  textOf(place: number): string {
    return `C:${place}/P:${place}`;
  }

  placeIn(text: string): number | undefined {
    const [, commit] = /^C:(\d+)\/P:\d+$/.exec(text) ?? [];
    return commit === undefined ? undefined : Number(commit);
  }
}
