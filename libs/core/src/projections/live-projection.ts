import { clearTimeout, setTimeout } from 'node:timers';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { untilInStep } from '../readers/in-step.js';
import { Reader, type ReaderSurroundings } from '../readers/reader.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import { discardGeneration } from './discard-generation.js';
import { isGoingAway } from './generation-states.js';
import { Generations, KEPT_AFTERWARDS_MS } from './generations.js';
import { ProjectionConsumer } from './projection-consumer.js';
import type { ProjectionDefinition } from './projection-definition.js';
import type { LiveDocuments, LiveSource } from './read-model.js';

/** One generation's documents and the reader that folds into them. */
export interface FollowedGeneration extends LiveDocuments {
  readonly number: number;
  readonly documents: DocumentCollection;
  readonly reader: Reader;
  /** Another one is shown in its place. */
  leave(): void;
}

/** How often a process looks whether another generation has become live, in milliseconds. */
const LOOK_EVERY_MS = 250;
/**
 * The same where nothing is about to change: at the same moments for all projections of a process, which then look in one
 * query.
 */
const LOOK_IN_STEP_MS = 1_000;
/** How long the generation that is shown stands still so that the next one gets as far, in milliseconds. */
const HOLD_MS = 100;

/**
 * A projection as one process has it: follows the generation that it shows, and when another one becomes live, that one
 * too. It shows the one before, which goes on, until the next one is as far, so that nobody reads backwards and nobody waits.
 */
export class LiveProjection implements LiveSource {
  private readonly stopping = new AbortController();
  private watching: Promise<void> | undefined;
  private looking: Promise<void> | undefined;
  /** The live generation, where it is not shown yet. */
  private next: FollowedGeneration | undefined;
  /** The next one is about to be shown. */
  private holding: Promise<void> | undefined;
  /** Readers of generations that are not followed any more, as they stop. */
  private readonly leaving = new Set<Promise<void>>();
  private caughtUp = false;

  private constructor(
    readonly definition: ProjectionDefinition,
    private followed: FollowedGeneration,
    /** When what is shown was last seen not to go away, by `performance.now()`. */
    private seenAt: number,
    private readonly documents: DocumentStore,
    private readonly generations: Generations,
    private readonly surroundings: ReaderSurroundings,
  ) {}

  static async open(
    definition: ProjectionDefinition,
    documents: DocumentStore,
    generations: Generations,
    surroundings: ReaderSurroundings,
  ): Promise<LiveProjection> {
    const since = performance.now();
    const { live } = await generations.of(definition);
    const followed = await followGeneration(definition, live, documents, surroundings);
    return new LiveProjection(definition, followed, since, documents, generations, surroundings);
  }

  get name(): string {
    return `projection.${this.definition.name}`;
  }

  /** @param head the end of the log */
  async status(head: bigint) {
    const status = await this.followed.reader.status(head);
    // What queries read has been there before: the next generation is shown no earlier than it has.
    this.caughtUp = !status.stuck && (this.caughtUp || status.caughtUp);
    return { ...status, caughtUp: this.caughtUp };
  }

  /** The generation that queries read. */
  get live(): FollowedGeneration {
    return this.followed;
  }

  isKept(until: number): boolean {
    return until - this.seenAt < KEPT_AFTERWARDS_MS;
  }

  /** Looks which generation is live, and follows it. */
  look(): Promise<void> {
    return (this.looking ??= this.lookOnce().finally(() => (this.looking = undefined)));
  }

  start(): void {
    this.followed.reader.start();
    this.next?.reader.start();
    this.watching ??= this.watch();
  }

  lookAgain(): void {
    this.followed.reader.lookAgain();
    this.next?.reader.lookAgain();
  }

  /** Waits no longer for what is in hand. */
  abandon(): void {
    this.stopping.abort();
    this.followed.reader.abandon();
    this.next?.reader.abandon();
  }

  /** What its reader waits for, and how long it has. */
  get waitsFor() {
    return this.followed.reader.waitsFor;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
    await this.looking?.catch(() => undefined);
    await this.holding;
    this.watching = undefined; // read models go on working, and look for themselves
    for (const generation of [this.next, this.followed]) if (generation) this.stopReaderOf(generation);
    await Promise.all(this.leaving);
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      // Who does not know whether what is shown is kept folds no further into it, and leaves it to who may drop it.
      const unsure = setTimeout(() => this.stopReaderOf(this.followed), KEPT_AFTERWARDS_MS);
      try {
        await this.look().finally(() => clearTimeout(unsure));
        await this.goOn();
        if (this.next) await this.handOverTo(this.next);
      } catch (error) {
        if (signal.aborted) return;
        const reader = this.followed.reader.name;
        this.surroundings.notice({ kind: 'runner-failed', reader, error, retryInMs: LOOK_EVERY_MS });
      }
      await delay(this.next ? LOOK_EVERY_MS : untilInStep(LOOK_IN_STEP_MS), undefined, { signal }).catch(
        () => undefined,
      );
    }
  }

  private async lookOnce(): Promise<void> {
    const since = performance.now(); // it may be another one by the time the answer is here
    const { live, generations } = await this.generations.of(this.definition);
    await this.follow(live);
    const { next, followed } = this;
    const isKept = generations.some(({ number, state }) => number === followed.number && !isGoingAway(state));
    // What goes away is not to be shown for long, however far the next one is; where nobody watches, it is looked here.
    if (next && (!isKept || (!this.watching && (await this.isAsFar(next))))) this.show(next);
    if (isKept || next) this.seenAt = since;
  }

  /** Folds on into what is shown, where that was stopped. */
  private async goOn(): Promise<void> {
    const { followed } = this;
    if (!followed.reader.isStopped || this.stopping.signal.aborted) return;
    const again = await followGeneration(this.definition, followed.number, this.documents, this.surroundings);
    if (this.followed !== followed || this.stopping.signal.aborted) return;
    this.followed = again;
    again.reader.start();
    followed.leave();
  }

  /** Begins to follow the live generation, where it is not followed. */
  private async follow(live: number): Promise<void> {
    if (this.next && this.next.number !== live) {
      this.leave(this.next);
      this.next = undefined;
    }
    if (this.next || this.followed.number === live) return;
    const next = await followGeneration(this.definition, live, this.documents, this.surroundings);
    if (this.watching && !this.stopping.signal.aborted) next.reader.start();
    this.next = next;
  }

  /**
   * Shows the next generation as soon as it is as far as the one that is shown. That one is held for a moment, as under
   * load each is a little behind the other all the time.
   */
  private async handOverTo(next: FollowedGeneration): Promise<void> {
    const { signal } = this.stopping;
    if (!(await this.gets(next, LOOK_EVERY_MS))) return;
    this.holding ??= this.followed.reader
      .whileStill(async () => {
        if (await this.gets(next, HOLD_MS)) this.show(next);
      })
      .catch(() => undefined) // the store is away: it is tried again
      .finally(() => (this.holding = undefined));
    await Promise.race([this.holding, delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined)]);
    // A batch that does not end holds it too.
    if (this.next === next && !signal.aborted && (await this.isAsFar(next))) this.show(next);
  }

  /** @returns whether the next generation gets as far within the time as the one that is shown is now */
  private async gets(next: FollowedGeneration, withinMs: number): Promise<boolean> {
    const wanted = await this.wanted();
    return next.reached.waitFor(wanted, withinMs, this.stopping.signal).then(
      () => true,
      () => false,
    );
  }

  private async isAsFar(next: FollowedGeneration): Promise<boolean> {
    const wanted = await this.wanted();
    return (await next.reached.latest()) >= wanted;
  }

  /** How far the next one has to be: no further than there is a log, should this one have been made from another. */
  private async wanted(): Promise<bigint> {
    const position = await this.followed.reached.latest();
    const { position: head } = await this.surroundings.store.head();
    return position < head ? position : head;
  }

  private show(next: FollowedGeneration): void {
    if (this.next !== next) return;
    const before = this.followed;
    this.followed = next;
    this.next = undefined;
    this.leave(before);
  }

  private leave(generation: FollowedGeneration): void {
    generation.leave();
    this.stopReaderOf(generation);
  }

  private stopReaderOf({ reader }: FollowedGeneration): void {
    const stopped = reader.stop().finally(() => this.leaving.delete(stopped));
    this.leaving.add(stopped);
  }
}

/** A reader that folds into a generation of the projection; not started. */
export async function followGeneration(
  definition: ProjectionDefinition,
  number: number,
  documents: DocumentStore,
  surroundings: ReaderSurroundings,
): Promise<FollowedGeneration> {
  const name = Generations.collectionName(definition, number);
  const collection = await documents.collection(name, { indexes: definition.indexes });
  const ended = () => discardGeneration(name, documents, surroundings);
  const reader = new Reader(
    name,
    'projection',
    'beginning',
    new ProjectionConsumer(definition, collection, ended),
    surroundings,
  );
  const leaving = new AbortController();
  const leave = () => leaving.abort();
  return { number, documents: collection, reader, reached: reader.reached, left: leaving.signal, leave };
}
