import { GenerationDrops } from '../projections/generation-drops.js';
import type { Generations } from '../projections/generations.js';
import type { Lease } from '../readers/lease.js';
import type { ReaderSurroundings } from '../readers/reader.js';
import type { DocumentStore } from '../store/document-store.js';

/** What is kept of something that follows the log and that this application does not have: renamed, removed, or another's. */
export interface Remains {
  /** `projection.<name>`, `process.<name>`, `reactor.<name>`, `commands.<context>`, or that of a checkpoint that is none of these. */
  readonly name: string;
  /** Those that it followed the log by: of a projection, one for each generation. */
  readonly readers: readonly string[];
  /** The collections that hold its documents. */
  readonly collections: readonly string[];
  /** How many keys and streams it has parked. */
  readonly parked: number;
}

/** A process runs what is to be dropped, or this application would. */
export class StillInUse extends Error {
  override readonly name = 'StillInUse';
}

/** Nothing is kept under the name. */
export class NoSuchRemains extends Error {
  override readonly name = 'NoSuchRemains';
}

/** How many letters are removed at once. */
const LETTERS = 500;
/** How long the lease is waited for of a holder that is gone, in milliseconds. */
const GONE_PATIENCE_MS = 30_000;

/** Finds what nobody here follows the log for any more, and drops it. */
export class AllRemains {
  /** @param known what the application has, by the names that its remains would have */
  constructor(
    private readonly documents: DocumentStore,
    private readonly generations: Generations,
    private readonly surroundings: ReaderSurroundings,
    private readonly known: ReadonlySet<string>,
  ) {}

  /** What there is of others than the application's own, in the order of their names. Other applications' may be among it. */
  async list(): Promise<readonly Remains[]> {
    const { checkpoints, deadLetters } = this.surroundings;
    const readers = [...(await checkpoints.all()).keys()];
    const collections = await this.documents.collections();
    const ofReaders = readers.map((reader) => followerOf(reader) ?? reader);
    const names = new Set([...ofReaders, ...collections.flatMap((name) => followerOf(name) ?? [])]);
    const others = [...names].filter((name) => !this.known.has(name)).sort();
    return Promise.all(
      others.map(async (name) => {
        const ofIt = (all: readonly string[]) => all.filter((one) => followerOf(one) === name).sort();
        const stray = readers.filter((reader) => reader === name);
        const all = [...new Set([...stray, ...ofIt(readers), ...ofIt(collections)])].sort();
        const parked = await Promise.all(all.map((reader) => deadLetters.count(reader)));
        return {
          name,
          readers: all,
          collections: ofIt(collections),
          parked: parked.reduce((sum, count) => sum + count, 0),
        };
      }),
    );
  }

  /** Whether a process follows the log by one of its readers. Takes up to a lease's time to live. */
  async isInUse({ readers }: Remains): Promise<boolean> {
    const inUse = await Promise.all(readers.map((reader) => this.surroundings.leases.isInUse(reader)));
    return inUse.includes(true);
  }

  /**
   * Drops the documents, checkpoints, dead letters and generations. Where it ends on the way, it is called again.
   * @returns what was dropped
   * @throws {NoSuchRemains}
   * @throws {StillInUse}
   * @throws {VersionInUse} when a process begins to run it meanwhile
   */
  async drop(name: string): Promise<Remains> {
    if (this.known.has(name)) throw new StillInUse(`${name} is this application's: remove its class first`);
    const all = await this.list();
    const remains = all.find((one) => one.name === name);
    if (!remains) {
      const names = all.map((one) => one.name).join(', ') || 'none';
      throw new NoSuchRemains(`Nothing is kept of ${name}; there are: ${names}`);
    }
    if (await this.isInUse(remains)) throw new StillInUse(`${name} is in use: a process runs its code`);
    if (remains.readers.includes(name)) await this.dropReader(name);
    if (remains.readers.some((reader) => reader !== name)) await this.dropProjection(name.slice('projection.'.length));
    return remains;
  }

  private async dropProjection(name: string): Promise<void> {
    const later = { name, version: Number.MAX_SAFE_INTEGER };
    await new GenerationDrops(later, this.documents, this.generations, this.surroundings).dropEarlierVersions();
  }

  /** The checkpoint first: documents without one are folded again, one without its documents would be believed. */
  private async dropReader(name: string): Promise<void> {
    const { checkpoints, deadLetters, leases } = this.surroundings;
    const lease: Lease | undefined = await leases.acquire(name, AbortSignal.timeout(GONE_PATIENCE_MS));
    if (!lease) throw new StillInUse(`${name} is in use: a process runs its code`);
    try {
      await checkpoints.end(name);
      for (;;) {
        const letters = await deadLetters.list({ reader: name, limit: LETTERS });
        if (letters.length === 0) break;
        await deadLetters.remove(letters.map(({ id }) => id));
      }
      if (followerOf(name) === name) await this.documents.drop(name); // of another name it may be anybody's
      await checkpoints.forget(name);
    } finally {
      await lease.release();
    }
  }
}

/** Whose reader or collection bears the name, if it is one that follows the log. */
function followerOf(name: string): string | undefined {
  if (/^(process|reactor|commands)\../.test(name)) return name;
  return /^(projection\..+)\.v\d+\.g\d+$/.exec(name)?.[1];
}
