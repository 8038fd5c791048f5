import type { EventToAppend, RecordedEvent } from '../../events/recorded-event.js';
import { MemoryEventStore } from '../../memory/memory-event-store.js';
import { StoreUnavailable } from '../../store/errors.js';
import type { Appended, EventStore, ExpectedRevision, ReadStreamOptions } from '../../store/event-store.js';

/** A store that counts what is asked of it, and fails when it is told to. */
export class FaultyEventStore implements EventStore {
  /** How many events were read from streams. */
  eventsRead = 0;
  /** How many times a stream was read. */
  reads = 0;
  /** Every append that was asked for, whatever came of it. */
  readonly appends: { streamId: string; events: readonly EventToAppend[]; expected: ExpectedRevision }[] = [];
  private answersToLose = 0;
  private appendsToMiss = 0;
  private readonly interventions: (() => Promise<unknown>)[] = [];

  /** @param behind the store that does the work, unharmed */
  constructor(readonly behind: EventStore = new MemoryEventStore()) {}

  /** The next appends are made, but their answers get lost. */
  loseAnswers(count: number): void {
    this.answersToLose = count;
  }

  /** The next appends do not get here. */
  beAwayFor(appends: number): void {
    this.appendsToMiss = appends;
  }

  /** Does this between the next append's being asked for and its being made; several are done one per append. */
  beforeNextAppend(intervene: () => Promise<unknown>): void {
    this.interventions.push(intervene);
  }

  async append(
    streamId: string,
    events: readonly EventToAppend[],
    options: { expected: ExpectedRevision },
  ): Promise<Appended> {
    this.appends.push({ streamId, events, ...options });
    await this.interventions.shift()?.();
    if (this.appendsToMiss > 0) {
      this.appendsToMiss--;
      throw new StoreUnavailable('nobody there');
    }
    const appended = await this.behind.append(streamId, events, options);
    if (this.answersToLose > 0) {
      this.answersToLose--;
      throw new StoreUnavailable('the line is dead');
    }
    return appended;
  }

  async *readStream(streamId: string, options?: ReadStreamOptions): AsyncGenerator<readonly RecordedEvent[]> {
    this.reads++;
    for await (const events of this.behind.readStream(streamId, options)) {
      this.eventsRead += events.length;
      yield events;
    }
  }

  readonly readAll: EventStore['readAll'] = (options) => this.behind.readAll(options);
  readonly subscribe: EventStore['subscribe'] = (options) => this.behind.subscribe(options);
  readonly head: EventStore['head'] = () => this.behind.head();
  readonly log: EventStore['log'] = () => this.behind.log();
  readonly eventAt: EventStore['eventAt'] = (position) => this.behind.eventAt(position);
  readonly deleteStream: EventStore['deleteStream'] = (stream, options) => this.behind.deleteStream(stream, options);
  readonly truncateStream: EventStore['truncateStream'] = (stream, before) =>
    this.behind.truncateStream(stream, before);
  readonly close: EventStore['close'] = () => this.behind.close();
}

/** All that is left of a stream, in order. */
export async function eventsOf(store: EventStore, streamId: string): Promise<RecordedEvent[]> {
  const all: RecordedEvent[] = [];
  for await (const events of store.readStream(streamId)) all.push(...events);
  return all;
}
