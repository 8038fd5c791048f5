import { setTimeout as delay } from 'node:timers/promises';
import { Reader, type ReaderSurroundings } from '../readers/reader.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import { Generations, KEPT_AFTERWARDS_MS } from './generations.js';
import { ProjectionConsumer } from './projection-consumer.js';
import type { ProjectionDefinition } from './projection-definition.js';
import type { LiveDocuments, LiveSource } from './read-model.js';

/** One generation's documents and the reader that folds into them. */
export interface FollowedGeneration extends LiveDocuments {
  readonly number: number;
  readonly documents: DocumentCollection;
  readonly reader: Reader;
}

/** How often a process looks whether another generation has become live, in milliseconds. */
const LOOK_EVERY_MS = 250;

/**
 * A projection as one process has it: follows the live generation, and when another one becomes live, catches up with
 * that and only then shows it, so that nobody reads backwards.
 */
export class LiveProjection implements LiveSource {
  private readonly stopping = new AbortController();
  private watching: Promise<void> | undefined;
  private looking: Promise<void> | undefined;
  private caughtUp = false;

  private constructor(
    readonly definition: ProjectionDefinition,
    private followed: FollowedGeneration,
    /** When it was last seen that this generation is live, by `performance.now()`. */
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
    this.caughtUp ||= status.caughtUp;
    return { ...status, caughtUp: this.caughtUp };
  }

  /** The generation that queries read. */
  get live(): FollowedGeneration {
    return this.followed;
  }

  get isSure(): boolean {
    return performance.now() - this.seenAt < KEPT_AFTERWARDS_MS;
  }

  /** Looks which generation is live, and moves to it. */
  look(): Promise<void> {
    return (this.looking ??= this.lookOnce().finally(() => (this.looking = undefined)));
  }

  start(): void {
    this.followed.reader.start();
    this.watching ??= this.watch();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.watching;
    await this.looking?.catch(() => undefined);
    await this.followed.reader.stop();
  }

  private async watch(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        await this.look();
      } catch (error) {
        if (signal.aborted) return;
        const reader = this.followed.reader.name;
        this.surroundings.notice({ kind: 'runner-failed', reader, error, retryInMs: LOOK_EVERY_MS });
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async lookOnce(): Promise<void> {
    const since = performance.now(); // it may be another one by the time the answer is here
    const { live } = await this.generations.of(this.definition);
    if (live === this.followed.number || (await this.moveTo(live))) this.seenAt = since;
  }

  /** @returns whether it has moved; it has not when it was stopped meanwhile */
  private async moveTo(number: number): Promise<boolean> {
    const { signal } = this.stopping;
    const before = this.followed;
    const next = await followGeneration(this.definition, number, this.documents, this.surroundings);
    const follows = this.watching !== undefined && !signal.aborted;
    if (follows) next.reader.start();
    while (next.reached.now < before.reached.now) {
      if (follows && signal.aborted) {
        await next.reader.stop();
        return false;
      }
      // It ends soon: the generation was caught up before it became live.
      await next.reached.waitFor(before.reached.now, LOOK_EVERY_MS).catch(() => undefined);
    }
    this.followed = next;
    await before.reader.stop();
    return true;
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
  const reader = new Reader(
    name,
    'projection',
    'beginning',
    new ProjectionConsumer(definition, collection),
    surroundings,
  );
  return { number, documents: collection, reader, reached: reader.reached };
}
