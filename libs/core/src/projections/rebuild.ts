import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentStore } from '../store/document-store.js';
import type { DeadLetter } from '../readers/dead-letters.js';
import { StoresDoNotMatch } from '../readers/documents-of-another-log.js';
import type { Reader, ReaderSurroundings } from '../readers/reader.js';
import { GenerationDrops } from './generation-drops.js';
import type { Promotion, Standing } from './generation-states.js';
import { Generations, type Generation } from './generations.js';
import { followGeneration } from './live-projection.js';
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
  /** How many keys and streams are parked. */
  readonly parked: number;
}

export interface RebuildResult {
  readonly generation: number;
  /**
   * `switched`: it is live. `parked`: events were parked that are not in the live generation; see to the dead letters and run
   * it again. `overtaken`: another rebuild or roll-back has finished meanwhile, and what it made live is; nothing was dropped.
   * `cancelled`: somebody cancelled it, or dropped what it was to go back to. `stopped`: the signal came first; run it
   * again to resume.
   */
  readonly outcome: 'switched' | 'parked' | 'overtaken' | 'cancelled' | 'stopped';
  readonly events: number;
  readonly parked: number;
}

export interface GenerationStatus extends Generation {
  /** What its documents, its reader and that reader's dead letters bear as a name. */
  readonly reader: string;
  readonly position: bigint;
  /** How many keys and streams are parked. */
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

/** Another process is building that generation, catches it up, or still shows it. */
export class RebuildRunning extends Error {
  override readonly name = 'RebuildRunning';
}

/** There is no generation before the live one, or it was pruned. */
export class NothingToRollBackTo extends Error {
  override readonly name = 'NothingToRollBackTo';
}

const TICK_MS = 100;
/** How long the lease of a generation that was cancelled under us is waited for, in milliseconds. */
const LEASE_PATIENCE_MS = 2_000;

/** Operations on the generations of one projection, beside the readers that go on serving. */
export class Rebuild {
  /** Takes away what is not needed any more. */
  readonly drops: GenerationDrops;

  constructor(
    private readonly definition: ProjectionDefinition,
    private readonly documents: DocumentStore,
    private readonly generations: Generations,
    private readonly surroundings: ReaderSurroundings,
  ) {
    this.drops = new GenerationDrops(definition, documents, generations, surroundings);
  }

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
   * the generation that a run before has left, where that was made from this log and is there; else it is dropped.
   * @throws {RebuildRunning}
   */
  async run(options: RebuildOptions = {}): Promise<RebuildResult> {
    const promotion = await this.generations.begin(this.definition);
    try {
      return await this.promote(promotion, options);
    } catch (error) {
      if (!(error instanceof StoresDoNotMatch)) throw error;
      // Where somebody has dropped it under this run, what is built now is theirs, and this run is told what became of it.
      const isOurs = (await this.generations.standing(this.definition, promotion)) === 'on';
      if (isOurs) await this.drops.cancel();
      return this.promote(isOurs ? await this.generations.begin(this.definition) : promotion, options);
    }
  }

  /**
   * Catches the previous generation up and makes it live again.
   * @throws {NothingToRollBackTo}
   * @throws {RebuildRunning}
   */
  async rollBack(options: RebuildOptions = {}): Promise<RebuildResult> {
    const { live, generations } = await this.generations.of(this.definition);
    const previous = generations.findLast(({ state }) => state === 'frozen');
    if (!previous) throw new NothingToRollBackTo(`${this.definition.name} has no generation before the live one`);
    return this.promote({ number: previous.number, state: 'frozen', from: live }, options);
  }

  private async promote(promotion: Promotion, { signal, progress }: RebuildOptions): Promise<RebuildResult> {
    const { store } = this.surroundings;
    const { number } = promotion;
    const { reader } = await followGeneration(this.definition, number, this.documents, this.surroundings);
    /** By which it was told that we own the generation now. */
    let told: bigint | undefined;
    const ended = (outcome: RebuildResult['outcome']): RebuildResult => {
      return { generation: number, events: reader.events, parked: reader.parked, outcome };
    };
    reader.start();
    try {
      for (;;) {
        const standing = await this.owned(promotion, reader, signal);
        const { position: head } = await store.head();
        const { readTo: position, events, parked } = reader;
        if (signal?.aborted) {
          await reader.stop(); // the batch in hand counts
          return ended('stopped');
        }
        if (standing === 'on') progress?.({ generation: number, position, head, events, parked });
        else return ended(await this.left(promotion, reader, standing));
        const { epoch } = reader;
        if (epoch !== undefined && told !== epoch) await this.generations.take(this.definition, number, (told = epoch));
        // What an operator has asked to try again is tried before it is judged.
        if (epoch !== undefined && reader.caughtUp && !(await this.surroundings.deadLetters.isAsked(reader.name))) {
          if (await this.newlyParked(promotion)) return ended('parked');
          if ((await this.generations.switchTo(this.definition, promotion, epoch)) === 'on') return ended('switched');
        }
        if (reader.error !== undefined) throw reader.error;
        await delay(TICK_MS, undefined, signal && { signal }).catch(() => undefined);
      }
    } finally {
      await reader.stop();
    }
  }

  /**
   * Waits for the lease, for as long as the run goes on. A holder that was killed on another machine is only known to be
   * gone when its lease is over.
   * @throws {RebuildRunning} when the holder shows itself
   */
  private async owned(promotion: Promotion, reader: Reader, signal?: AbortSignal): Promise<Standing> {
    for (;;) {
      const standing = await this.generations.standing(this.definition, promotion);
      if (reader.owner || standing !== 'on' || signal?.aborted) return standing;
      let isInUse: boolean | undefined;
      this.surroundings.leases.isInUse(reader.name).then(
        (inUse) => (isInUse = inUse),
        () => (isInUse = false), // a store that is away is the reader's error too
      );
      while (isInUse === undefined && !reader.owner && !signal?.aborted) {
        if (reader.error !== undefined) throw reader.error;
        await delay(10);
      }
      await delay(50); // it may be ours by now
      if (!isInUse || reader.owner) continue;
      // Where the holder was faster, it is no builder: it follows what is live.
      if ((await this.generations.standing(this.definition, promotion)) !== 'on') continue;
      const generation = `Generation ${promotion.number} of ${this.definition.name}`;
      throw new RebuildRunning(
        promotion.state === 'building'
          ? `${generation} is being built by another process`
          : `${generation} is being caught up by another process, or still shown by one; try again in a moment`,
      );
    }
  }

  /** A run that was overtaken leaves everything as it is; what was cancelled is dropped, once nobody else builds it. */
  private async left(
    { number, state }: Promotion,
    reader: Reader,
    standing: 'overtaken' | 'cancelled',
  ): Promise<'overtaken' | 'cancelled'> {
    await reader.stop();
    if (standing === 'overtaken' || state === 'frozen') return standing; // what was frozen is dropped by who gave it up
    const lease = await this.surroundings.leases.acquire(reader.name, AbortSignal.timeout(LEASE_PATIENCE_MS));
    if (!lease) return standing;
    try {
      await this.drops.drop(number);
    } finally {
      await lease.release();
    }
    return standing;
  }

  /** Whether anything is parked in the generation that is not parked in the live one, for the same event. */
  private async newlyParked({ number, from }: Promotion): Promise<boolean> {
    const identity = ({ kind, event, key }: DeadLetter) => `${kind} ${event.id} ${key}`;
    const known = new Set((await this.lettersOf(from)).map(identity));
    return (await this.lettersOf(number)).some((letter) => !known.has(identity(letter)));
  }

  private lettersOf(generation: number): Promise<DeadLetter[]> {
    return this.surroundings.deadLetters.list({ reader: Generations.collectionName(this.definition, generation) });
  }
}
