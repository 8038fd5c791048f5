import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentStore } from '../store/document-store.js';
import type { DeadLetter } from '../readers/dead-letters.js';
import type { ReaderSurroundings } from '../readers/reader.js';
import { Generations, KEPT_AFTERWARDS_MS, type Generation } from './generations.js';
import { followGeneration, type FollowedGeneration } from './live-projection.js';
import type { ProjectionDefinition } from './projection-definition.js';

export interface RebuildOptions {
  /** Stops after the batch in hand; another call resumes. */
  signal?: AbortSignal;
  /** Hears how far it is, several times a second. */
  progress?: (progress: RebuildProgress) => void;
}

export interface RebuildProgress {
  readonly generation: number;
  readonly position: bigint;
  /** The end of the log. */
  readonly head: bigint;
  /** How many events this run has read. */
  readonly events: number;
  /** How many keys and streams are set aside. */
  readonly parked: number;
}

export interface RebuildResult {
  readonly generation: number;
  /**
   * `switched`: it is live. `parked`: keys were set aside that are not in the live generation; see to the dead letters and run
   * it again. `cancelled`: somebody cancelled it. `stopped`: the signal came first; run it again to resume.
   */
  readonly outcome: 'switched' | 'parked' | 'cancelled' | 'stopped';
  readonly events: number;
  readonly parked: number;
}

export interface GenerationStatus extends Generation {
  /** What its documents, its reader and that reader's dead letters bear as a name. */
  readonly reader: string;
  readonly position: bigint;
  /** How many keys and streams are set aside. */
  readonly parked: number;
}

/** How one version of a projection stands. */
export interface ProjectionStatus {
  readonly name: string;
  readonly version: number;
  /** The number of the generation that queries read. */
  readonly live: number;
  readonly generations: readonly GenerationStatus[];
  /** How many positions the live generation is behind the end of the log. */
  readonly lag: bigint;
  /** The versions before this one of which documents are kept. */
  readonly earlierVersions: readonly number[];
}

/** Another process runs that version. */
export class VersionInUse extends Error {
  override readonly name = 'VersionInUse';
}

/** Another process is building that generation. */
export class RebuildRunning extends Error {
  override readonly name = 'RebuildRunning';
}

/** There is no generation before the live one, or it was pruned. */
export class NothingToRollBackTo extends Error {
  override readonly name = 'NothingToRollBackTo';
}

const TICK_MS = 100;
/** How long the lease is waited for that somebody may have who drops what was cancelled, in milliseconds. */
const LEASE_PATIENCE_MS = 2_000;
/** How long the lease is waited for of a holder that is gone, in milliseconds. */
const GONE_PATIENCE_MS = 30_000;

/** Operations on the generations of one projection, beside the readers that go on serving. */
export class Rebuild {
  constructor(
    private readonly definition: ProjectionDefinition,
    private readonly documents: DocumentStore,
    private readonly generations: Generations,
    private readonly surroundings: ReaderSurroundings,
  ) {}

  async status(): Promise<ProjectionStatus> {
    const { store, checkpoints, deadLetters } = this.surroundings;
    const { live, generations: known } = await this.generations.of(this.definition);
    const { position: head } = await store.head();
    const generations = await Promise.all(
      known.map(async (generation) => {
        const reader = Generations.collectionName(this.definition, generation.number);
        const position = (await checkpoints.load(reader))?.position ?? 0n;
        return { ...generation, reader, position, parked: await deadLetters.count(reader) };
      }),
    );
    const { name, version } = this.definition;
    const { position } = generations.find(({ number }) => number === live)!;
    const earlierVersions = await this.generations.earlierVersions(this.definition);
    return { name, version, live, generations, lag: head > position ? head - position : 0n, earlierVersions };
  }

  /**
   * Folds the log into a generation of its own, beside the live one, and makes it live once it has caught up. Resumes
   * the generation that a run before has left.
   * @throws {RebuildRunning}
   */
  async run(options: RebuildOptions = {}): Promise<RebuildResult> {
    return this.promote(await this.generations.begin(this.definition), 'building', options);
  }

  /**
   * Catches the previous generation up and makes it live again.
   * @throws {NothingToRollBackTo}
   * @throws {RebuildRunning}
   */
  async rollBack(options: RebuildOptions = {}): Promise<RebuildResult> {
    const { generations } = await this.generations.of(this.definition);
    const previous = generations.findLast(({ state }) => state === 'frozen');
    if (!previous) throw new NothingToRollBackTo(`${this.definition.name} has no generation before the live one`);
    return this.promote(previous.number, 'frozen', options);
  }

  /** Cancels the rebuild that is under way or was left. @returns whether there was one */
  async cancel(): Promise<boolean> {
    const number = await this.generations.cancel(this.definition);
    if (number === undefined) return false;
    // Whoever is building it drops it when it sees this; where nobody is, it is for us to do.
    const name = Generations.collectionName(this.definition, number);
    const lease = await this.surroundings.leases.acquire(name, AbortSignal.timeout(LEASE_PATIENCE_MS));
    if (!lease) return true;
    try {
      await this.drop(number);
    } finally {
      await lease.release();
    }
    return true;
  }

  /** Drops what is neither live nor being built. @returns the numbers of the generations dropped */
  async prune(): Promise<readonly number[]> {
    const { generations } = await this.generations.of(this.definition);
    const old = generations.filter(({ state }) => state === 'frozen' || state === 'cancelled');
    if (old.length > 0) await delay(KEPT_AFTERWARDS_MS);
    const gone: number[] = [];
    for (const { number } of old) {
      if (!(await this.generations.giveUp(this.definition, number))) continue; // it is live again, or gone already
      await this.drop(number);
      gone.push(number);
    }
    return gone;
  }

  /**
   * Drops the documents of the versions before this one, for when nobody will go back to their code.
   * @returns the versions dropped
   * @throws {VersionInUse} when a process runs one of them; those before it are dropped
   */
  async dropEarlierVersions(): Promise<readonly number[]> {
    const { name } = this.definition;
    const versions = await this.generations.earlierVersions(this.definition);
    for (const version of versions) {
      const { live, generations } = await this.generations.of({ name, version });
      const reader = Generations.collectionName({ name, version }, live);
      const { leases } = this.surroundings;
      const isInUse = await leases.isInUse(reader);
      const lease = isInUse ? undefined : await leases.acquire(reader, AbortSignal.timeout(GONE_PATIENCE_MS));
      if (!lease) throw new VersionInUse(`Version ${version} of ${name} is in use: a process runs its code`);
      try {
        for (const { number } of generations) await this.drop(number, version);
        await this.generations.forget({ name, version });
      } finally {
        await lease.release();
      }
    }
    return versions;
  }

  private async promote(
    number: number,
    state: 'building' | 'frozen',
    { signal, progress }: RebuildOptions,
  ): Promise<RebuildResult> {
    const { store } = this.surroundings;
    const followed = await followGeneration(this.definition, number, this.documents, this.surroundings);
    const { reader } = followed;
    reader.start();
    try {
      await this.owned(followed, signal);
      for (let head = (await store.head()).position; ; head = (await store.head()).position) {
        const { position, events, parked } = { position: reader.readTo, events: reader.events, parked: reader.parked };
        progress?.({ generation: number, position, head, events, parked });
        const result = { generation: number, events, parked };
        if (signal?.aborted) return { ...result, outcome: 'stopped' };
        if (!(await this.isStill(number, state))) {
          await reader.stop();
          await this.drop(number);
          return { ...result, outcome: 'cancelled' };
        }
        // What an operator has asked to try again is tried before it is judged.
        if (reader.caughtUp && !(await this.lettersOf(number)).some(({ requested }) => requested !== undefined)) {
          if (await this.newlyParked(number)) return { ...result, outcome: 'parked' };
          return {
            ...result,
            outcome: (await this.generations.switchTo(this.definition, number)) ? 'switched' : 'cancelled',
          };
        }
        if (reader.error !== undefined) throw reader.error;
        await delay(TICK_MS, undefined, signal && { signal }).catch(() => undefined);
      }
    } finally {
      await reader.stop();
    }
  }

  /**
   * Waits for the lease. A holder that was killed on another machine is only known to be gone when its lease is over.
   * @throws {RebuildRunning} when the holder shows itself
   */
  private async owned({ number, reader }: FollowedGeneration, signal?: AbortSignal): Promise<void> {
    while (!reader.owner && !signal?.aborted) {
      let isInUse: boolean | undefined;
      this.surroundings.leases.isInUse(reader.name).then(
        (inUse) => (isInUse = inUse),
        () => (isInUse = false), // a store that is away is the reader's error too
      );
      while (isInUse === undefined && !reader.owner && !signal?.aborted) {
        if (reader.error !== undefined) throw reader.error;
        await delay(10);
      }
      if (!isInUse) continue;
      await delay(50); // it may be ours by now
      if (!reader.owner) {
        throw new RebuildRunning(`Generation ${number} of ${this.definition.name} is being built by another process`);
      }
    }
  }

  private async isStill(number: number, state: 'building' | 'frozen'): Promise<boolean> {
    const { generations } = await this.generations.of(this.definition);
    return generations.some((generation) => generation.number === number && generation.state === state);
  }

  /** Whether keys are set aside in the generation that are not set aside in the live one. */
  private async newlyParked(number: number): Promise<boolean> {
    const { live } = await this.generations.of(this.definition);
    const known = new Set((await this.lettersOf(live)).map(({ kind, key }) => `${kind} ${key}`));
    return (await this.lettersOf(number)).some(({ kind, key }) => !known.has(`${kind} ${key}`));
  }

  private lettersOf(generation: number): Promise<DeadLetter[]> {
    return this.surroundings.deadLetters.list({ reader: Generations.collectionName(this.definition, generation) });
  }

  private async drop(number: number, version = this.definition.version): Promise<void> {
    const { checkpoints, deadLetters } = this.surroundings;
    const projection = { name: this.definition.name, version };
    const name = Generations.collectionName(projection, number);
    await this.documents.drop(name);
    await checkpoints.remove(name);
    await deadLetters.remove((await deadLetters.list({ reader: name })).map(({ id }) => id));
    await this.generations.remove(projection, number);
  }
}
