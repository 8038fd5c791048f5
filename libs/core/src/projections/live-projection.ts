import { setTimeout as delay } from 'node:timers/promises';
import { Reader, type ReaderSurroundings } from '../readers/reader.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import { Generations } from './generations.js';
import { ProjectionConsumer } from './projection-consumer.js';
import type { ProjectionDefinition } from './projection-definition.js';
import type { LiveDocuments } from './read-model.js';

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
export class LiveProjection {
  private readonly stopping = new AbortController();
  private looking: Promise<void> | undefined;
  private caughtUp = false;

  private constructor(
    readonly definition: ProjectionDefinition,
    private followed: FollowedGeneration,
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
    const { live } = await generations.of(definition);
    const followed = await followGeneration(definition, live, documents, surroundings);
    return new LiveProjection(definition, followed, documents, generations, surroundings);
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

  start(): void {
    this.followed.reader.start();
    this.looking ??= this.look();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.looking;
    await this.followed.reader.stop();
  }

  private async look(): Promise<void> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      try {
        const { live } = await this.generations.of(this.definition);
        if (live !== this.followed.number) await this.moveTo(live);
      } catch (error) {
        if (signal.aborted) return;
        const reader = this.followed.reader.name;
        this.surroundings.notice({ kind: 'runner-failed', reader, error, retryInMs: LOOK_EVERY_MS });
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async moveTo(number: number): Promise<void> {
    const before = this.followed;
    const next = await followGeneration(this.definition, number, this.documents, this.surroundings);
    next.reader.start();
    try {
      while (next.reached.now < before.reached.now) {
        this.stopping.signal.throwIfAborted();
        // It ends soon: the generation was caught up before it became live.
        await next.reached.waitFor(before.reached.now, LOOK_EVERY_MS).catch(() => undefined);
      }
    } catch (error) {
      await next.reader.stop();
      throw error;
    }
    this.followed = next;
    await before.reader.stop();
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
