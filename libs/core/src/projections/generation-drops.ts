import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { Lease } from '../readers/lease.js';
import type { ReaderSurroundings } from '../readers/reader.js';
import type { DocumentStore } from '../store/document-store.js';
import { discardGeneration } from './discard-generation.js';
import { isGoingAway, type GenerationState } from './generation-states.js';
import { Generations, KEPT_AFTERWARDS_MS, type ProjectionVersion } from './generations.js';

/** Another process runs that version. */
export class VersionInUse extends Error {
  override readonly name = 'VersionInUse';
}

/** Another process reads, builds or drops that generation. */
export class GenerationInUse extends Error {
  override readonly name = 'GenerationInUse';
}

/** How long a builder is waited for that was told to leave off, in milliseconds. */
const LEASE_PATIENCE_MS = 2_000;
/** How long a lease is waited for of a holder that is gone or about to move on, in milliseconds. */
const GONE_PATIENCE_MS = 30_000;
const LOOK_EVERY_MS = 100;
const MAX_LOOKS_HELD = 10;

/**
 * Drops generations of one projection: each under the lease of its reader, so that nobody builds it, and from a state from
 * which it cannot become live. Every step may be the last one before a crash; whoever comes next goes on from there.
 */
export class GenerationDrops {
  constructor(
    private readonly projection: ProjectionVersion,
    private readonly documents: DocumentStore,
    private readonly generations: Generations,
    private readonly surroundings: ReaderSurroundings,
  ) {}

  /** Cancels the rebuild that is under way or was left. @returns whether there was one */
  async cancel(): Promise<boolean> {
    const numbers = await this.generations.cancel(this.projection);
    for (const number of numbers) {
      // Whoever is building it drops it when it sees this; where nobody is, it is for us to do.
      const lease = await this.acquire(number, AbortSignal.timeout(LEASE_PATIENCE_MS));
      if (lease) await this.holding([lease], () => this.drop(number));
    }
    return numbers.length > 0;
  }

  /** Drops a generation that was cancelled. To be called by who holds its lease. */
  async drop(number: number, projection = this.projection): Promise<void> {
    await discardGeneration(Generations.collectionName(projection, number), this.documents, this.surroundings);
    await this.generations.strike(projection, number);
  }

  /**
   * Drops what is neither live nor being built, and what a process that was behind the times has written into
   * generations that are gone.
   * @returns the numbers of the generations dropped
   * @throws {GenerationInUse} the others are dropped
   */
  async prune(): Promise<readonly number[]> {
    const { generations } = await this.generations.of(this.projection);
    const leases: Lease[] = [];
    const gone: number[] = [];
    const inUse: number[] = [];
    await this.holding(leases, async () => {
      for (const { number, state } of generations) {
        if (state === 'live' || state === 'building') continue;
        const lease = await this.acquireUnneeded(number);
        if (lease === 'in use') inUse.push(number);
        if (typeof lease !== 'object') continue; // it is live again, or gone already
        leases.push(lease);
        if (await this.giveUp(number, lease)) gone.push(number);
      }
      await this.dropAfterwards(gone, this.projection);
    });
    await this.sweep(({ version }) => version === this.projection.version);
    if (inUse.length === 0) return gone;
    throw new GenerationInUse(
      `Generation ${inUse.join(', ')} of ${this.projection.name} is in use and was kept: a process still shows it, catches it up or drops it. Prune again later` +
        (gone.length > 0 ? `; dropped: ${gone.join(', ')}` : ''),
    );
  }

  /**
   * Drops the documents of the versions before this one, for when nobody will go back to their code.
   * @returns the versions dropped
   * @throws {VersionInUse} when a process runs one of them; those before it are dropped
   */
  async dropEarlierVersions(): Promise<readonly number[]> {
    const { name } = this.projection;
    const versions = await this.generations.earlierVersions(this.projection);
    for (const version of versions) {
      if (!(await this.dropVersion({ name, version }))) {
        throw new VersionInUse(`Version ${version} of ${name} is in use: a process runs its code`);
      }
    }
    await this.sweep(({ version }) => version < this.projection.version);
    return versions;
  }

  /** @returns whether nothing of it is left; not where a process runs its code, or has begun to meanwhile */
  private async dropVersion(projection: ProjectionVersion): Promise<boolean> {
    const { leases } = this.surroundings;
    const numbers = ((await this.generations.peek(projection))?.generations ?? []).map(({ number }) => number);
    const names = numbers.map((number) => Generations.collectionName(projection, number));
    if ((await Promise.all(names.map((name) => leases.isInUse(name)))).includes(true)) return false;
    const patience = AbortSignal.timeout(GONE_PATIENCE_MS);
    const held: Lease[] = [];
    return this.holding(held, async () => {
      for (const name of names) {
        const lease = await leases.acquire(name, patience);
        if (!lease) return false;
        held.push(lease);
      }
      if (!(await this.generations.retire(projection, numbers))) return false;
      await this.dropAfterwards(numbers, projection);
      return this.generations.forget(projection);
    });
  }

  /** Drops generations that cannot become live any more, once nobody can have reason to read them. */
  private async dropAfterwards(numbers: readonly number[], projection: ProjectionVersion): Promise<void> {
    if (numbers.length === 0) return;
    const { checkpoints } = this.surroundings;
    for (const number of numbers) await checkpoints.end(Generations.collectionName(projection, number));
    await delay(KEPT_AFTERWARDS_MS);
    for (const number of numbers) await this.drop(number, projection);
  }

  private async giveUp(number: number, { epoch }: Lease): Promise<boolean> {
    return this.generations.giveUp(this.projection, number, epoch);
  }

  /**
   * The lease of a generation that goes away, once whoever shows it can show the live one in its place.
   * @returns `undefined` when it does not go away any more
   */
  private async acquireUnneeded(number: number): Promise<Lease | 'in use' | undefined> {
    const ending = new AbortController();
    let acquiring: Promise<Lease | undefined> | undefined;
    let lease: Lease | undefined;
    const until = performance.now() + GONE_PATIENCE_MS;
    try {
      for (let held = 0; ; held += lease ? 1 : 0) {
        const state = await this.stateOf(number);
        if (state === undefined || state === 'live' || state === 'building') return undefined;
        const isFree = isGoingAway(state) || !(await this.isAhead(number));
        if (lease && isFree) {
          const acquired = lease;
          lease = undefined;
          return acquired;
        }
        // Those who show it go on with what they have while we hold it, so that is not to be for long.
        if (held > MAX_LOOKS_HELD || performance.now() > until) return 'in use';
        if (isFree) acquiring ??= this.acquire(number, ending.signal).then((acquired) => (lease = acquired));
        acquiring?.catch(() => undefined); // thrown below
        await Promise.race([lease ? undefined : acquiring, delay(LOOK_EVERY_MS)].filter((one) => one !== undefined));
      }
    } finally {
      ending.abort();
      await acquiring;
      await lease?.release();
    }
  }

  /** Whether there is in a generation what is not in the live one yet, though it is in the log. */
  private async isAhead(number: number): Promise<boolean> {
    const { checkpoints, store } = this.surroundings;
    const positionOf = async (of: number) =>
      (await checkpoints.load(Generations.collectionName(this.projection, of)))?.position ?? 0n;
    const { live } = await this.generations.of(this.projection);
    const [position, reached, head] = await Promise.all([positionOf(number), positionOf(live), store.head()]);
    return reached < position && reached < head.position;
  }

  private async stateOf(number: number): Promise<GenerationState | undefined> {
    const { generations } = await this.generations.of(this.projection);
    return generations.find((generation) => generation.number === number)?.state;
  }

  /** Drops collections of generations that are gone: somebody who stood still as they were dropped has written to them. */
  private async sweep(of: (projection: ProjectionVersion) => boolean): Promise<void> {
    const { name } = this.projection;
    for (const collection of await this.documents.collections()) {
      const [, version, number] = /\.v(\d+)\.g(\d+)$/.exec(collection)?.map(Number) ?? [];
      if (version === undefined || number === undefined || !of({ name, version })) continue;
      if (collection !== Generations.collectionName({ name, version }, number)) continue;
      // Looked at after the collections: each is on the list before its collection is made.
      const { generations = [] } = (await this.generations.peek({ name, version })) ?? {};
      if (generations.some((generation) => generation.number === number)) continue;
      await discardGeneration(collection, this.documents, this.surroundings);
    }
  }

  private acquire(number: number, signal: AbortSignal): Promise<Lease | undefined> {
    return this.surroundings.leases.acquire(Generations.collectionName(this.projection, number), signal);
  }

  private async holding<T>(leases: readonly Lease[], work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } finally {
      await Promise.all(leases.map((lease) => lease.release()));
    }
  }
}
