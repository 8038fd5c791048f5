import { setTimeout as delay } from 'node:timers/promises';
import { UnknownEvent } from '../events/event-registry.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { NoticeListener, UnknownEventPolicy } from '../observability/notice.js';
import type { StartFrom } from '../processes/process-manager.decorator.js';
import type { EventBatch, EventStore } from '../store/event-store.js';
import type { Checkpoints, Progress } from './checkpoints.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';
import type { EventConsumer, KeyedEvent } from './event-consumer.js';
import type { Leases } from './leases.js';
import { Parking } from './parking.js';
import { Reached } from './reached.js';
import { readAhead } from './read-ahead.js';

export type ReaderKind = 'projection' | 'process' | 'reactor' | 'commands';

/** What every reader of an application shares. */
export interface ReaderSurroundings {
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly leases: Leases;
  readonly deadLetters: DeadLetters;
  readonly unknownEvents: UnknownEventPolicy;
  /** Whether any part of the application knows events of the name. */
  readonly known: (type: string) => boolean;
  readonly notice: NoticeListener;
}

/** How often a reader with parked keys looks for what operators ask of it, in milliseconds. */
const REQUESTS_EVERY_MS = 250;
const LONGEST_RETRY_MS = 30_000;

/**
 * Follows the log for one consumer: owns it by lease, reads batches, sets poison keys aside, saves the checkpoint behind
 * what was done, and starts again from there after any failure.
 */
export class Reader {
  /** How far it has read, here or in the process that owns it. */
  readonly reached: Reached;
  /** Whether it has been at the end of the log since it was started here. */
  caughtUp = false;
  /** Why its last pass failed; `undefined` once a batch was taken again. */
  error: unknown;
  /** Whether this process holds the lease. */
  owner = false;

  private readonly parking: Parking;
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private progress: Progress = { checkpoint: undefined, position: 0n };
  /** Batches, and what operators ask for, take turns. */
  private turn: Promise<unknown> = Promise.resolve();

  /** @param name names its checkpoint, its lease and its dead letters */
  constructor(
    readonly name: string,
    readonly kind: ReaderKind,
    private readonly startFrom: StartFrom,
    private readonly consumer: EventConsumer,
    private readonly surroundings: ReaderSurroundings,
  ) {
    const { checkpoints, deadLetters, notice } = surroundings;
    this.reached = new Reached(async () => (await checkpoints.load(name))?.position ?? 0n);
    this.parking = new Parking(name, deadLetters, notice);
  }

  /** @param head the end of the log */
  async status(head: bigint) {
    if (!this.owner) this.reached.at((await this.surroundings.checkpoints.load(this.name))?.position ?? 0n);
    const position = this.reached.now;
    return {
      reader: this.name,
      kind: this.kind,
      owner: this.owner,
      position,
      lag: head > position ? head - position : 0n,
      caughtUp: this.caughtUp || position >= head,
      parked: this.owner ? this.parking.size : await this.parking.count(),
      error:
        this.error === undefined ? undefined : this.error instanceof Error ? this.error.message : String(this.error),
    };
  }

  /** Begins to follow the log, as soon as the lease is free. */
  start(): void {
    this.running ??= this.run();
  }

  /** Finishes the batch in hand and gives the lease up. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { leases, notice } = this.surroundings;
    const stopping = this.stopping.signal;
    let failures = 0;
    while (!stopping.aborted) {
      try {
        const lease = await leases.acquire(this.name, stopping);
        if (!lease) return;
        this.owner = this.reached.told = true;
        notice({ kind: 'lease-taken', reader: this.name });
        try {
          await this.follow(AbortSignal.any([stopping, lease.lost]), () => (failures = 0));
        } finally {
          this.owner = this.reached.told = false;
          await lease.release();
        }
        if (!stopping.aborted) notice({ kind: 'lease-lost', reader: this.name });
      } catch (error) {
        if (stopping.aborted) return;
        this.error = error;
        const retryInMs = Math.min(LONGEST_RETRY_MS, 100 * 2 ** failures++) * (0.75 + Math.random() / 2);
        notice({ kind: 'runner-failed', reader: this.name, error, retryInMs });
        await delay(retryInMs, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  }

  private async follow(signal: AbortSignal, succeeded: () => void): Promise<void> {
    const { filter, batchSize, whileOwned } = this.consumer;
    this.progress = (await this.surroundings.checkpoints.load(this.name)) ?? (await this.begin());
    await this.parking.open();
    this.reached.at(this.progress.position);

    const ending = new AbortController();
    const owned = AbortSignal.any([signal, ending.signal]);
    const beside = Promise.all([whileOwned?.call(this.consumer, owned), this.followRequests(owned)]);
    try {
      const after = this.progress.checkpoint;
      const batches = this.surroundings.store.subscribe({ after, filter, signal, ...(batchSize && { batchSize }) });
      for await (const batch of readAhead(batches)) {
        await this.inTurn(() => this.takeBatch(batch, signal));
        this.error = undefined;
        succeeded();
        if (signal.aborted) break;
      }
    } finally {
      ending.abort();
      await beside;
    }
  }

  /** Where the first run starts. */
  private async begin(): Promise<Progress> {
    if (this.startFrom === 'beginning') return { checkpoint: undefined, position: 0n };
    const head = await this.surroundings.store.head();
    await this.surroundings.checkpoints.save(this.name, head);
    return head;
  }

  private async takeBatch(batch: EventBatch, signal: AbortSignal): Promise<void> {
    const { checkpoint: before } = this.progress;
    const work: KeyedEvent[] = [];
    for (const event of batch.events) {
      if (this.parking.holds('stream', event.streamId)) continue;
      try {
        for (const keyed of this.keyed(event)) if (!this.parking.holds('key', keyed.key)) work.push(keyed);
      } catch (error) {
        if (error instanceof UnknownEvent) this.meetUnknown(error);
        await this.parking.park('stream', event.streamId, event, before, { error, attempts: 1 });
      }
    }
    const failures = work.length > 0 ? await this.consumer.take(work, { late: false, signal }) : [];
    for (const failure of failures) await this.parking.park('key', failure.key, failure.event, before, failure);
    await this.surroundings.checkpoints.save(this.name, batch);
    this.progress = batch;
    this.caughtUp ||= batch.caughtUp;
    this.reached.at(batch.position);
  }

  /** The event in its present shape, for each of its keys. An event that only other parts of the application know is for none. */
  private keyed(event: RecordedEvent): KeyedEvent[] {
    const { registry } = this.consumer;
    if (!registry.find(event.type) && this.surroundings.known(event.type)) return [];
    const { unknownEvents: policy, notice } = this.surroundings;
    let lifted: RecordedEvent;
    try {
      lifted = registry.lift(event);
    } catch (error) {
      if (!(error instanceof UnknownEvent)) throw error;
      notice({ kind: 'unknown-event', reader: this.name, event, policy });
      if (policy === 'skip') return [];
      throw error;
    }
    return this.consumer.keysOf(lifted).map((key) => ({ key, event: lifted }));
  }

  /** With the policy `fail`, the reader goes no further than an event that it does not know. */
  private meetUnknown(error: UnknownEvent): void {
    if (this.surroundings.unknownEvents === 'fail') throw error;
  }

  private async followRequests(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        for (const letter of await this.parking.requests()) {
          if (!signal.aborted) await this.inTurn(() => this.honour(letter, signal));
        }
      } catch (error) {
        if (!signal.aborted)
          this.surroundings.notice({ kind: 'runner-failed', reader: this.name, error, retryInMs: REQUESTS_EVERY_MS });
      }
      await delay(REQUESTS_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Takes what waits behind the letter, up to where the reader is; then its key goes on with the others. */
  private async honour(letter: DeadLetter, signal: AbortSignal): Promise<void> {
    const { kind, key, requested } = letter;
    const first = BigInt(letter.position) + (requested === 'skip' ? 1n : 0n);
    const until = this.progress.position;
    let before = letter.checkpoint;
    const batches = this.surroundings.store.readAll({ after: before, filter: this.consumer.filter, signal });
    for await (const { events, checkpoint, position } of batches) {
      const work: KeyedEvent[] = [];
      for (const event of events) {
        if (event.position < first || event.position > until) continue;
        if (kind === 'stream' && event.streamId !== key) continue;
        try {
          for (const keyed of this.keyed(event)) {
            if (kind === 'stream' ? !this.parking.holds('key', keyed.key) : keyed.key === key) work.push(keyed);
          }
        } catch (error) {
          // Of another stream, it is that stream's letter; of this one, it is still what holds it up.
          if (kind === 'stream') return this.parking.park(kind, key, event, before, { error, attempts: 1 });
        }
      }
      if (work.length > 0) {
        const [failure] = await this.consumer.take(work, { late: kind === 'stream', signal });
        if (failure) return this.parking.park(kind, key, failure.event, before, failure);
      }
      before = checkpoint;
      if (position >= until) break;
    }
    await this.parking.free(letter);
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.turn.then(work);
    this.turn = result.catch(() => undefined);
    return result;
  }
}
