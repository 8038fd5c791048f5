import { clearTimeout, setTimeout } from 'node:timers';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { UnknownEvent } from '../events/event-registry.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { NoticeListener, UnknownEventPolicy } from '../observability/notice.js';
import type { StartFrom } from '../processes/process-manager.decorator.js';
import { changedFold } from '../projections/fold-fingerprint.js';
import { DocumentRefused, LogReplaced } from '../store/errors.js';
import type { Checkpoint, EventBatch, EventStore } from '../store/event-store.js';
import { ReaderEnded, type Checkpoints } from './checkpoints.js';
import { NOWHERE, type Progress } from './progress.js';
import { Coverage, type Missed } from './coverage.js';
import type { DeadLetters } from './dead-letters.js';
import { checkDocuments } from './document-mark.js';
import { checkPlace, DocumentsOfAnotherLog, StoresDoNotMatch } from './documents-of-another-log.js';
import type { EventConsumer } from './event-consumer.js';
import { FencedOff, type Fences } from './fences.js';
import { untilInStep } from './in-step.js';
import { Keying } from './keying.js';
import type { Lease } from './lease.js';
import type { Leases } from './leases.js';
import { Parking } from './parking.js';
import { Portions } from './portions.js';
import { Reached } from './reached.js';
import { readAhead } from './read-ahead.js';
import { Retrying } from './retrying.js';
import type { Turn } from './turn.js';

export type ReaderKind = 'projection' | 'process' | 'reactor' | 'commands';

/** What every reader of an application shares. */
export interface ReaderSurroundings {
  readonly store: EventStore;
  readonly checkpoints: Checkpoints;
  readonly leases: Leases;
  readonly fences: Fences;
  readonly deadLetters: DeadLetters;
  readonly unknownEvents: UnknownEventPolicy;
  /** Whether any part of the application knows events of the name. */
  readonly known: (type: string) => boolean;
  readonly notice: NoticeListener;
  /** Has it looked at once whether the log is another one than it was. */
  readonly lookAtLog?: () => void;
}

/** How often a reader with parked keys looks for what operators ask of it, in milliseconds. */
const REQUESTS_EVERY_MS = 250;
const LONGEST_RETRY_MS = 30_000;
/** How often a reader that stands still, as the stores do not match, looks whether they do again, in milliseconds. */
const LOOK_AGAIN_MS = 1_000;
/** How much work on a backlog a crash may undo, in milliseconds. */
const SETTLE_EVERY_MS = 10_000;

/** From how long on it is shown what a reader waits for, in milliseconds. */
const SHOWN_AFTER_MS = 1_000;

/** What a reader waits for. */
export interface ReaderWait {
  /** Of the effect that has not ended; absent where it is a store that has not answered, or a fold. */
  readonly key?: string;
  readonly position?: bigint;
  readonly forMs: number;
  /** Whether only the key waits, and the reader goes on with the others. */
  readonly othersGoOn?: boolean;
}

/** An event failed in a stretch that was absorbed, or the store refuses a document of it. */
class FailedInBacklog extends Error {}

/**
 * Follows the log for one consumer: owns it by lease, reads batches, parks poison keys, saves the checkpoint behind
 * what was done, and starts again from there after any failure.
 */
export class Reader {
  /** How far it has read, here or in the process that owns it. */
  readonly reached: Reached;
  /** Whether it has been at the end of the log since it was started here. */
  caughtUp = false;
  /** Why its last pass failed; `undefined` once a batch was taken again. */
  error: unknown;
  /** Whether it has stopped by itself, because what it has read into goes away. */
  hasEnded = false;
  /** Whether this process holds the lease. */
  owner = false;
  /** How many events it has read since it was started here. */
  events = 0;

  /** Which of its types were looked for up to its checkpoint; `undefined` where what it makes is made anew instead. */
  private readonly coverage: Coverage | undefined;
  /** In what the documents were made by other code than this. */
  private changed: string | undefined;
  /** Where the log ended when it was started here. */
  private headAtStart: Promise<Progress> | undefined;
  private lease: Lease | undefined;
  /** An epoch of somebody else's that was met. */
  private above = 0n;
  private readonly keying: Keying;
  private readonly parking: Parking;
  private readonly retrying: Retrying;
  private readonly stopping = new AbortController();
  /** Ends the pass: the next one looks anew where it goes on. */
  private ending = new AbortController();
  private running: Promise<void> | undefined;
  private readonly placed = Promise.withResolvers<void>();
  private progress: Progress = NOWHERE;
  /** How far the log was absorbed beyond the checkpoint, and since when; `undefined` where nothing was. */
  private absorbed: { readonly upTo: Progress; readonly since: number } | undefined;
  /** Saves how far it has passed events that are not for it; `undefined` where that is saved. */
  private passed: NodeJS.Timeout | undefined;
  /** How often in a row that could not be saved. */
  private unsaved = 0;
  /** Whether it is known that more than one batch is left to take. */
  private isInBacklog = false;
  /** Up to here every batch is taken on its own, because one of them failed in a stretch that was absorbed. */
  private carefulUntil = -1n;
  /** Batches, and what operators ask for, take turns. */
  private turn: Promise<unknown> = Promise.resolve();
  /** Since when the work in turn is being done. */
  private workingSince: number | undefined;
  /** Since when it has been finding out where it goes on. */
  private beginningSince: number | undefined;
  /** How many wait for their turn. */
  private queued = 0;

  /** @param name names its checkpoint, its lease and its dead letters */
  constructor(
    readonly name: string,
    readonly kind: ReaderKind,
    private readonly startFrom: StartFrom,
    private readonly consumer: EventConsumer,
    private readonly surroundings: ReaderSurroundings,
    /** Where the log ended when the application was opened, for one that starts from now. */
    private readonly headAtOpen?: Progress,
  ) {
    const { store, checkpoints, deadLetters, known, unknownEvents, notice } = surroundings;
    this.reached = new Reached(async () => (await checkpoints.load(name))?.position ?? 0n, {
      position: async () => (await store.head()).position,
      lagMs: store.readsLagMs ?? 0,
    });
    this.keying = new Keying(name, consumer, known, unknownEvents, notice);
    this.parking = new Parking(name, deadLetters, notice);
    const coverage =
      kind !== 'projection' && 'types' in consumer.filter
        ? new Coverage(name, consumer.filter.types, checkpoints.lookedFor, checkpoints)
        : undefined;
    this.coverage = coverage;
    this.retrying = new Retrying(store, consumer, this.keying, this.parking, coverage);
  }

  /** Whether it was told to stop: it does not go on. */
  get isStopped(): boolean {
    return this.stopping.signal.aborted;
  }

  /** The lease's, as long as this process holds it. */
  get epoch(): bigint | undefined {
    return this.lease?.epoch;
  }

  /** How far it has read here; what it read may not be durable yet. */
  get readTo(): bigint {
    return this.absorbed?.upTo.position ?? this.progress.position;
  }

  /** How far it is, here or at its owner; what an owner read may not be durable yet. */
  async whereabouts(): Promise<bigint> {
    if (this.owner) return this.reached.now;
    return (await this.surroundings.checkpoints.load(this.name))?.position ?? 0n;
  }

  /** How many keys and streams are parked, as far as this process knows. */
  get parked(): number {
    return this.parking.size;
  }

  /** @param head the end of the log */
  async status(head: bigint) {
    const saved = this.owner ? undefined : await this.surroundings.checkpoints.load(this.name);
    if (!this.owner) this.reached.at(saved?.position ?? 0n);
    const missing = (await this.coverage?.missingIn(saved)) ?? [];
    const position = this.reached.now;
    // Only a log that was put back ends before where a reader is; nobody has caught up with it.
    const isBeyond = position > head && position > (await this.surroundings.store.head()).position;
    const error = isBeyond ? beyond(this.name, position, head) : this.error;
    return {
      reader: this.name,
      kind: this.kind,
      owner: this.owner,
      position,
      lag: isBeyond ? position - head : head > position ? head - position : 0n,
      caughtUp: !isBeyond && (this.caughtUp || (position >= head && missing.length === 0)),
      missing,
      waiting: (await this.consumer.waiting?.()) ?? {},
      changed: this.owner ? this.changed : await this.changedSince(),
      parked: await this.parking.known(this.owner),
      stuck: error instanceof UnknownEvent || error instanceof StoresDoNotMatch,
      waitsFor: this.waitsFor,
      error: error === undefined ? undefined : error instanceof Error ? error.message : String(error),
    };
  }

  /** Whether the documents were made by other code than this, in words, where another process has them. */
  private async changedSince(): Promise<string | undefined> {
    const { foldedBy } = this.consumer;
    const made = foldedBy && (await this.surroundings.checkpoints.lookedFor.foldOf(this.name));
    return made && changedFold(made, foldedBy!);
  }

  /** Notices documents that other code than this has made. */
  private async lookAtFold(begins: boolean): Promise<void> {
    const { checkpoints, notice } = this.surroundings;
    const { foldedBy } = this.consumer;
    if (!foldedBy) return;
    const made = await checkpoints.lookedFor.fold(this.name, foldedBy, begins);
    this.changed = made && changedFold(made, foldedBy);
    if (this.changed !== undefined) notice({ kind: 'fold-changed', reader: this.name, change: this.changed });
  }

  /**
   * Begins to follow the log, as soon as the lease is free.
   * @returns once it is durable from where, for one that starts from now: it misses nothing that comes later
   */
  start(): Promise<void> {
    this.running ??= this.run()
      .finally(() => this.lease && this.letGo(this.lease))
      .finally(() => this.placed.resolve());
    return this.startFrom === 'now' ? this.placed.promise : Promise.resolve();
  }

  /** Has an owner that does not name what this code does lose nothing of it. */
  private async ask(): Promise<Progress> {
    const { store } = this.surroundings;
    if (this.startFrom === 'beginning') return this.askFrom(NOWHERE);
    this.headAtStart ??= this.headAtOpen ? Promise.resolve(this.headAtOpen) : store.head();
    const head = await this.headAtStart.catch(() => (this.headAtStart = store.head()));
    return this.askFrom(head);
  }

  private async askFrom(from: Progress): Promise<Progress> {
    return (await this.coverage?.ask(from)) ?? from;
  }

  /** The log may be another one: before it goes on, it is compared with what was made of it. */
  lookAgain(): void {
    this.ending.abort();
  }

  /** Waits no longer for what is in hand: the lease ends by itself, and then somebody else begins with it again. */
  abandon(): void {
    this.stopping.abort();
    this.consumer.abandon?.();
    this.lease?.abandon();
  }

  /** What it waits for, and how long it has. */
  get waitsFor(): ReaderWait | undefined {
    const effect = this.consumer.waitsFor;
    const since = this.workingSince ?? this.beginningSince;
    const forMs = since === undefined ? 0 : performance.now() - since;
    if (forMs > SHOWN_AFTER_MS) return effect?.othersGoOn === false ? effect : { forMs };
    return effect && effect.forMs > SHOWN_AFTER_MS ? effect : undefined;
  }

  /** Finishes the batch in hand and gives the lease up. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
  }

  /** Does some work between two batches: meanwhile, what was read stands still, and nobody else takes over. */
  whileStill<T>(work: () => Promise<T>): Promise<T> {
    return this.inTurn(work);
  }

  private async run(): Promise<void> {
    const { leases, notice } = this.surroundings;
    const stopping = this.stopping.signal;
    let failures = 0;
    while (!stopping.aborted) {
      try {
        this.beginningSince = performance.now();
        await this.ask();
        this.beginningSince = undefined; // somebody else may have the lease for as long as it likes
        this.placed.resolve();
        const kept = await this.keptLease();
        const lease = kept ?? (await leases.acquire(this.name, stopping, this.above, () => this.leaveToOthers()));
        if (!lease) return;
        this.owner = this.reached.told = true;
        this.lease = lease;
        if (!kept) notice({ kind: 'lease-taken', reader: this.name });
        let isReadAgain = false;
        try {
          await this.follow(lease, () => (failures = 0));
        } catch (error) {
          isReadAgain = error instanceof FailedInBacklog;
          if (isReadAgain || this.ending.signal.aborted) continue;
          if (error instanceof ReaderEnded) {
            await this.consumer.ended?.();
            this.hasEnded = true;
            return;
          }
          this.isFencedOff(error);
          if (!lease.lost.aborted) throw error; // else what was under way ended with the lease
        } finally {
          this.owner = this.reached.told = false;
          this.beginningSince = undefined;
          // With another lease, all that is parked would have to be adopted anew.
          const goesOn = isReadAgain || this.consumer.isUnderWay?.();
          if (!goesOn || stopping.aborted || this.hasEnded || lease.lost.aborted) await this.letGo(lease);
        }
        if (lease.lost.aborted) notice({ kind: 'lease-lost', reader: this.name });
      } catch (error) {
        this.beginningSince = undefined;
        if (stopping.aborted) return;
        if (error instanceof StoresDoNotMatch) {
          await this.standUntilRight(error);
          continue;
        }
        if (error instanceof LogReplaced) this.surroundings.lookAtLog?.();
        this.error = error;
        const retryInMs = Math.min(LONGEST_RETRY_MS, 100 * 2 ** failures++) * (0.75 + Math.random() / 2);
        notice({ kind: 'runner-failed', reader: this.name, error, retryInMs });
        await delay(retryInMs, undefined, { signal: stopping }).catch(() => undefined);
      }
    }
  }

  /** Another process is at work: what this one failed by says nothing any more. */
  private leaveToOthers(): void {
    this.error = undefined;
  }

  /**
   * The lease is kept while effects are under way: the next pass goes on beside them, and nobody else begins them again. So
   * it is where a stretch is read again.
   */
  private async keptLease(): Promise<Lease | undefined> {
    const { lease } = this;
    if (!lease?.lost.aborted) return lease;
    await this.letGo(lease);
    this.surroundings.notice({ kind: 'lease-lost', reader: this.name });
    return undefined;
  }

  /** Lets others begin, once nothing is under way any more. */
  private async letGo(lease: Lease): Promise<void> {
    const taken = (await this.consumer.rest?.()) ?? [];
    // Where that fails, the next owner has these effects again.
    if (!lease.isOver) await this.parking.moveBehind(taken).catch(() => undefined);
    this.lease = undefined;
    await lease.release();
  }

  /** Stands still, aloud, until somebody has seen to it: documents were built anew, or a store was put right. */
  private async standUntilRight(first: StoresDoNotMatch): Promise<void> {
    const stopping = this.stopping.signal;
    this.surroundings.lookAtLog?.();
    for (let mismatch: StoresDoNotMatch | undefined = first, told = ''; mismatch && !stopping.aborted;) {
      this.error = mismatch;
      this.caughtUp = false;
      this.reached.fail(mismatch);
      if (told !== mismatch.message) {
        this.surroundings.notice({ kind: 'stores-do-not-match', reader: this.name, error: mismatch });
      }
      told = mismatch.message;
      await delay(LOOK_AGAIN_MS, undefined, { signal: stopping }).catch(() => undefined);
      mismatch = await this.place().then(
        ({ position }) => this.isRight(position),
        (error: unknown) => (error instanceof StoresDoNotMatch ? error : mismatch),
      );
    }
  }

  /** It is right again, also where it is another process that goes on. */
  private isRight(position: bigint): undefined {
    this.error = undefined;
    this.reached.recover(position);
  }

  private async follow(lease: Lease, succeeded: () => void): Promise<void> {
    this.ending = new AbortController();
    const signal = AbortSignal.any([this.stopping.signal, lease.lost, this.ending.signal]);
    const { filter, batchSize, whileOwned } = this.consumer;
    this.beginningSince = performance.now();
    this.progress = await this.place();
    this.reached.recover(this.progress.position);
    await this.parking.open(lease.epoch);
    await this.surroundings.fences.raise(this.name, lease.epoch, this.progress);
    const missed = await this.coverage?.open(this.progress);
    await this.lookAtFold(this.progress.checkpoint === undefined);
    this.beginningSince = undefined;
    this.absorbed = undefined;
    this.isInBacklog = false;
    this.consumer.opened?.(this.progress.checkpoint === undefined, this.progress.mark);
    this.reached.at(this.progress.position);

    const ending = new AbortController();
    const owned = AbortSignal.any([signal, ending.signal]);
    const beside = Promise.all([whileOwned?.call(this.consumer, owned), this.followRequests(owned)]);
    try {
      if (missed) await this.takeMissed(missed, signal);
      const after = this.progress.checkpoint;
      const batches = this.surroundings.store.subscribe({ after, filter, signal: owned, batchSize });
      for await (const batch of readAhead(batches)) {
        // Reading ends with the pass: the next batch may be long in coming, and starting again is not to wait for it.
        await this.inTurn(() => (batch === 'lull' ? this.settle() : this.takeBatch(batch, signal))).catch(
          (error: unknown) => {
            ending.abort();
            throw error;
          },
        );
        this.error = undefined;
        succeeded();
        if (signal.aborted) break;
      }
      await this.inTurn(() => this.settle());
      await this.inTurn(() => this.savePassed());
    } catch (error) {
      // What was absorbed before is good. Where the same event fails every time, it would never be settled.
      if (!(error instanceof FailedInBacklog)) await this.inTurn(() => this.settle()).catch(() => undefined);
      throw error;
    } finally {
      ending.abort();
      await beside;
      await this.turn;
      clearTimeout(this.passed);
      this.passed = undefined;
    }
  }

  /** What a former owner has saved too late does not count: it may have left out what later owners let go on. */
  private async saved(): Promise<Progress | undefined> {
    const { checkpoints, fences } = this.surroundings;
    const fence = await fences.of(this.name);
    const saved = await checkpoints.load(this.name);
    if (!saved) return undefined;
    const { epoch, ...progress } = saved;
    if (!fence || epoch === undefined || epoch >= fence.epoch) return progress;
    return progress.position > fence.from.position ? fence.from : progress;
  }

  /** Whether the error says that another process has taken over; then nothing more is begun. */
  private isFencedOff(error: unknown): boolean {
    if (!(error instanceof FencedOff)) return false;
    if (error.above > this.above) this.above = error.above;
    this.lease?.lose();
    return true;
  }

  /**
   * Where the pass begins.
   * @throws {StoresDoNotMatch}
   */
  private async place(): Promise<Progress> {
    const stored = await this.saved();
    const log = await this.surroundings.store.log();
    const from = stored ?? (await this.begin(log));
    await this.check(from, log);
    return { ...from, log };
  }

  /**
   * Compares the log, the reader's checkpoint and its documents.
   * @param log its id, as it was read just now
   * @throws {StoresDoNotMatch}
   */
  async check(progress: Progress, log: string | undefined): Promise<void> {
    const { store } = this.surroundings;
    const { documents } = this.consumer;
    await checkPlace(store, this.name, progress, log);
    if (documents) await checkDocuments(store, documents, progress);
  }

  /**
   * Where the first run starts.
   * @throws {ReaderEnded}
   */
  private async begin(log: string | undefined): Promise<Progress> {
    if (await this.surroundings.checkpoints.hasEnded(this.name)) throw new ReaderEnded(this.name);
    const from = { ...(await this.ask()), log };
    if (this.startFrom === 'now') await this.save(from);
    return from;
  }

  /**
   * Takes the events of types that were not looked for when they were passed, up to the checkpoint; then it goes on from
   * there with all of its types. Where it ends on the way, the next pass goes on with it.
   */
  private async takeMissed(missed: Missed, signal: AbortSignal): Promise<void> {
    const { store, notice } = this.surroundings;
    const upTo = this.progress;
    notice({ kind: 'looked-for-later', reader: this.name, types: missed.types, upTo: upTo.position });
    const { position: head } = await store.head();
    const { batchSize } = this.consumer;
    let before = missed.from;
    for await (const batch of store.readAll({ after: before, filter: { types: missed.types }, batchSize, signal })) {
      await this.inTurn(async () => {
        const events = batch.events.filter(missed.holds);
        for await (const work of this.portionsOf(events, before)) {
          const failures = await this.consumer.take(work, { late: false, missed: head, fence: head, signal });
          await this.parking.parkKeys(failures, events, before);
        }
        this.events += events.length;
        if (batch.position < upTo.position && events.length > 0) await this.coverage!.took(missed, batch, false);
      });
      this.error = undefined;
      before = batch.checkpoint;
      if (signal.aborted || batch.position >= upTo.position) break;
    }
    if (!signal.aborted) await this.coverage!.took(missed, upTo, true);
  }

  /** The place behind a batch. */
  private behind({ checkpoint, position, at }: Progress): Progress {
    return { ...this.progress, checkpoint, position, at: at ?? this.absorbed?.upTo.at ?? this.progress.at };
  }

  private async takeBatch(batch: EventBatch, signal: AbortSignal): Promise<void> {
    const { checkpoint: before, position: passed } = this.progress;
    this.isInBacklog = !batch.caughtUp;
    const portions = this.portionsOf(batch.events, before);
    const isAbsorbed = await this.absorb(batch, portions, signal);
    this.events += batch.events.length;
    if (isAbsorbed) return;
    let isEmpty = true;
    for await (const work of portions) {
      this.goOn(isEmpty, signal);
      isEmpty = false;
      const failures = await this.consumer.take(work, { late: false, signal, passed });
      await this.parking.parkKeys(failures, batch.events, before);
    }
    if (isEmpty) this.pass(this.behind(batch));
    else await this.took(this.behind(batch));
    this.caughtUp ||= batch.caughtUp;
  }

  /** The events with the keys that they are for, of those that do not wait. Streams whose keys cannot be told are parked. */
  private portionsOf(events: readonly RecordedEvent[], before: Checkpoint | undefined): Portions {
    const keyed = (event: RecordedEvent) => {
      if (this.parking.holds('stream', event.streamId, event.position)) return [];
      try {
        return this.keying.of(event);
      } catch (error) {
        // With the policy `fail`, the reader goes no further than an event that it does not know.
        if (error instanceof UnknownEvent && this.surroundings.unknownEvents === 'fail') throw error;
        return this.parking.parkStream(event, { error, attempts: 1 }, before).then(() => []);
      }
    };
    return new Portions(events, keyed, ({ key, event }) => !this.parking.holds('key', key, event.position));
  }

  /**
   * In a backlog, batches are absorbed and made durable together. So is the last one where it is for so many keys that it
   * comes in portions: a document that many of its events are for is stored once.
   * @returns whether the batch was absorbed; else it is yet to be taken
   * @throws {FailedInBacklog} when one of the events failed: the stretch is read again, batch by batch
   */
  private async absorb(batch: EventBatch, portions: Portions, signal: AbortSignal): Promise<boolean> {
    const { consumer } = this;
    if (!consumer.absorb) return false;
    if (batch.position <= this.carefulUntil) {
      await this.settle();
      return false;
    }
    if (batch.caughtUp && !(await portions.areSeveral())) {
      await this.settle();
      return false;
    }
    let isFirst = true;
    for await (const work of portions) {
      this.goOn(isFirst, signal);
      isFirst = false;
      if (await consumer.absorb(work)) continue;
      this.absorbed = undefined; // the consumer has forgotten it: nobody is to settle it any more
      this.carefulUntil = batch.position;
      throw new FailedInBacklog();
    }
    this.absorbed = { upTo: this.behind(batch), since: this.absorbed?.since ?? performance.now() };
    if (batch.caughtUp || consumer.isFull || performance.now() - this.absorbed.since > SETTLE_EVERY_MS)
      await this.settle();
    this.caughtUp ||= batch.caughtUp;
    return true;
  }

  /**
   * A batch that comes in portions may be long in hand: what it is worked on for tells what it has taken. Only effects
   * would be had again.
   * @throws the signal's reason
   */
  private goOn(isFirst: boolean, signal: AbortSignal): void {
    if (!isFirst && signal.aborted && !this.consumer.repeatsEffects) throw signal.reason;
  }

  /**
   * Makes durable what was absorbed, then moves the checkpoint.
   * @throws {FailedInBacklog} when the store refuses a document: the stretch is read again, batch by batch
   */
  private async settle(): Promise<void> {
    if (!this.absorbed) return;
    const { upTo } = this.absorbed;
    try {
      await this.consumer.settle!();
    } catch (error) {
      if (!(error instanceof DocumentRefused)) throw error;
      // It stays absorbed: whoever goes on in this pass is refused again, and the checkpoint does not move past it.
      this.carefulUntil = upTo.position;
      throw new FailedInBacklog();
    }
    this.absorbed = undefined;
    await this.took(upTo);
  }

  private async took(reached: Progress): Promise<void> {
    const progress = { ...reached, mark: this.consumer.mark ?? reached.mark };
    await this.save(progress);
    this.isAt(progress);
    clearTimeout(this.passed);
    this.passed = undefined;
    this.unsaved = 0;
  }

  private async save(reached: Progress): Promise<void> {
    const { checkpoints, fences } = this.surroundings;
    const progress: Progress = { ...reached, types: this.coverage?.types };
    const { epoch } = this;
    if (epoch === undefined || (await checkpoints.save(this.name, progress, epoch))) return;
    const saved = await checkpoints.load(this.name);
    if (saved?.epoch === epoch) return; // it was saved before, and nobody heard of it
    if (saved?.epoch !== undefined && saved.epoch > epoch) throw new FencedOff(this.name, epoch, saved.epoch);
    // A former owner has saved too late how far it was. Until this one is further, its fence remembers where it is.
    await fences.raise(this.name, epoch, progress);
  }

  /** Goes past what was not for it. Where a crash comes before that is saved, it is passed again. */
  private pass(progress: Progress): void {
    this.isAt(progress);
    this.passed ??= this.savePassedAfter(untilInStep(this.surroundings.checkpoints.passedSavedWithinMs));
  }

  private savePassedAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => void this.inTurn(() => this.savePassed()), ms);
  }

  private async savePassed(): Promise<void> {
    if (!this.passed) return;
    try {
      await this.took(this.progress);
      this.error = undefined;
    } catch (error) {
      if (this.isFencedOff(error)) return;
      this.error = error;
      const retryInMs = Math.min(LONGEST_RETRY_MS, REQUESTS_EVERY_MS * 2 ** this.unsaved++);
      this.surroundings.notice({ kind: 'runner-failed', reader: this.name, error, retryInMs });
      this.passed = this.savePassedAfter(retryInMs);
    }
  }

  private isAt(progress: Progress): void {
    this.progress = progress;
    this.reached.at(progress.position);
  }

  private async followRequests(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.parking.untilSome(signal);
      if (signal.aborted) return;
      try {
        await this.retrying.honour((work) => this.inTurn(async () => work(await this.standStill())), signal);
      } catch (error) {
        // What failed in a backlog fails there again, and the pass ends.
        if (!this.isFencedOff(error) && !signal.aborted && !(error instanceof FailedInBacklog))
          this.surroundings.notice({ kind: 'runner-failed', reader: this.name, error, retryInMs: REQUESTS_EVERY_MS });
      }
      await delay(REQUESTS_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** What is done in the turn goes by how far it is, which is made durable before. */
  private async standStill(): Promise<Turn> {
    await this.settle();
    if (this.passed) await this.took(this.progress);
    // In a backlog new events wait in any case, and it would be settled batch by batch.
    return { until: this.progress.position, isWanted: () => !this.isInBacklog && this.queued > 0 };
  }

  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    this.queued++;
    const result = this.turn.then(() => {
      this.queued--;
      this.workingSince = performance.now();
      return work().finally(() => (this.workingSince = undefined));
    });
    this.turn = result.catch(() => undefined);
    return result;
  }
}

function beyond(reader: string, position: bigint, head: bigint): StoresDoNotMatch {
  const where = `${reader} is at ${position}, and the log ends at ${head}, before that`;
  return new DocumentsOfAnotherLog(reader, `The log is older than the documents: ${where}`);
}
