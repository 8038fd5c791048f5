import { Backlog } from './backlog.js';
import { Checkpointing } from './checkpointing.js';
import { consumerStrategies } from './consumer-strategies.js';
import type { ConsumerStrategy } from './consumer-strategy.js';
import type { Consumer } from './consumer.js';
import type { EventSource } from './event-source.js';
import type { GroupEntry } from './group-config.js';
import { InFlight, type Delivered } from './in-flight.js';
import type { Message } from './message.js';
import type { ParkedMessages } from './parked-messages.js';
import { Progress } from './progress.js';
import { ReadAhead } from './read-ahead.js';
import type { StoredCheckpoints } from './stored-checkpoints.js';
import { Throughput } from './throughput.js';

/** What to do with messages that a consumer could not process. */
export type Refused = 'park' | 'retry' | 'skip';

/** Delivers what a source has to the consumers of a group, each message to one of them, until it is settled. */
export class SubscriptionGroup {
  readonly entry: GroupEntry;
  readonly source: EventSource;
  readonly parked: ParkedMessages;
  readonly throughput = new Throughput();
  readonly #consumers = new Set<Consumer>();
  readonly #strategy: ConsumerStrategy;
  readonly #inFlight: InFlight;
  /** What is to be delivered again. */
  readonly #again = new Backlog();
  readonly #progress: Progress;
  readonly #checkpointing: Checkpointing;
  readonly #ahead: ReadAhead;
  readonly #parking = new Set<Promise<void>>();
  #closed = false;

  /** Begins behind its checkpoint if there is one, and else as the entry says. */
  constructor(entry: GroupEntry, source: EventSource, checkpoints: StoredCheckpoints, parked: ParkedMessages) {
    const { settings, startAfter } = entry;
    this.entry = entry;
    this.source = source;
    this.parked = parked;
    this.#strategy = consumerStrategies.get(settings.consumerStrategy)!();
    this.#inFlight = new InFlight(settings.messageTimeout, (messages) => this.#expired(messages));
    const saved = checkpoints.load();
    this.#progress = new Progress(saved ?? startAfter);
    this.#checkpointing = new Checkpointing(this.#progress, checkpoints, settings, saved);
    this.#ahead = new ReadAhead(source, settings, this.#progress, () => this.#goOn());
    this.#ahead.start();
  }

  get consumers(): ReadonlySet<Consumer> {
    return this.#consumers;
  }

  get isFull(): boolean {
    const { maxSubscriberCount } = this.entry.settings;
    return maxSubscriberCount > 0 && this.#consumers.size >= maxSubscriberCount;
  }

  /** How things stand in the group. */
  get state(): GroupState {
    const { count, place } = this.#progress.read;
    const live = this.#ahead.live;
    return {
      live,
      checkpoint: this.#checkpointing.saved,
      lastKnown: count > 0 ? place : this.#checkpointing.saved,
      readBuffer: live ? 0 : this.#ahead.backlog.size,
      liveBuffer: live ? this.#ahead.backlog.size : 0,
      retryBuffer: this.#again.size,
      outstanding: this.#inFlight.size,
    };
  }

  connect(consumer: Consumer): void {
    this.#consumers.add(consumer);
    this.#strategy.add(consumer);
    this.#goOn();
  }

  /** Lets go of a consumer; what it has not answered goes to the others. */
  disconnect(consumer: Consumer): void {
    if (!this.#consumers.delete(consumer)) return;
    this.#strategy.remove(consumer);
    for (const message of [...consumer.inFlight.values()]) {
      this.#inFlight.take(message.id);
      this.#deliverAgain(message);
    }
    this.#goOn();
  }

  /** The messages were processed. Those that are with no consumer are left as they are. */
  acknowledge(ids: readonly string[]): void {
    for (const id of ids) {
      const delivered = this.#inFlight.take(id);
      if (delivered) this.#settle(delivered.message);
    }
    this.#goOn();
  }

  /** The messages could not be processed. Those that are with no consumer are left as they are. */
  refuse(ids: readonly string[], action: Refused, reason: string): void {
    for (const id of ids) {
      const message = this.#inFlight.take(id)?.message;
      if (!message) continue;
      if (action === 'skip') this.#settle(message);
      else if (action === 'park') this.#park(message, `Client explicitly NAK'ed message.\n${reason}`);
      else this.#retry(message);
    }
    this.#goOn();
  }

  /** Delivers what is parked once more. @param stopAt the revision of parked messages to stop before */
  replayParked(stopAt: number | undefined): void {
    this.parked.replay(stopAt);
    this.#goOn();
  }

  /** A consumer takes messages again. */
  drained(consumer: Consumer): void {
    consumer.drained();
    this.#goOn();
  }

  /** Ends the group here, and its consumers' connections. Resolves when it writes nothing any more. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#ahead.close();
    this.#inFlight.close();
    for (const consumer of this.#consumers) consumer.drop();
    this.#consumers.clear();
    await Promise.all(this.#parking);
    await Promise.all([this.#checkpointing.close(), this.parked.close()]);
  }

  #goOn(): void {
    if (this.#closed) return;
    this.#replay();
    this.#dispatch(this.#again);
    this.#dispatch(this.#ahead.backlog);
    this.#checkpointing.mark();
    this.#ahead.pull();
  }

  #dispatch(backlog: Backlog): void {
    for (const message of backlog) {
      if (![...this.#consumers].some(({ hasRoom }) => hasRoom)) return;
      // Consumers answer by ids, and two events may have the same one: the other waits.
      const consumer = this.#inFlight.has(message.id) ? undefined : this.#strategy.consumerFor(message);
      if (!consumer) continue;
      backlog.delete(message);
      this.#inFlight.add(message, consumer);
      this.throughput.total++;
      consumer.deliver(message);
    }
  }

  #replay(): void {
    const { readBatchSize, historyBufferSize } = this.entry.settings;
    while (this.parked.isReplaying && this.#again.hasRoomFor(readBatchSize, historyBufferSize)) {
      for (const message of this.parked.take(Math.max(readBatchSize, 1))) this.#again.addAgain(message);
    }
  }

  #expired(delivered: readonly Delivered[]): void {
    for (const { message } of delivered) this.#retry(message);
    this.#goOn();
  }

  #retry(message: Message): void {
    const { maxRetryCount } = this.entry.settings;
    if (message.retries < maxRetryCount) this.#deliverAgain(message);
    else this.#park(message, `Reached retry count of ${maxRetryCount}`);
  }

  #deliverAgain(message: Message): void {
    message.retries++;
    this.#again.addAgain(message);
  }

  /** It is settled when that is on the disk, and not before. */
  #park(message: Message, reason: string): void {
    const parking = this.parked
      .park(message, reason)
      .then(
        () => this.#settle(message),
        () => this.#deliverAgain(message), // it cannot be written now: consumers may have better luck with it then
      )
      .then(() => {
        this.#parking.delete(parking);
        this.#goOn();
      });
    this.#parking.add(parking);
  }

  #settle(message: Message): void {
    if (message.parkedAt === undefined) this.#progress.settle(message);
    else this.parked.settle(message);
  }
}

/** How things stand in a group. */
export interface GroupState {
  /** Whether it has read, and holds, all that the source has. */
  readonly live: boolean;
  /** The place of the last checkpoint. */
  readonly checkpoint: number | undefined;
  /** The place of the last event it knows of. */
  readonly lastKnown: number | undefined;
  readonly readBuffer: number;
  readonly liveBuffer: number;
  readonly retryBuffer: number;
  /** How many messages consumers have. */
  readonly outstanding: number;
}
