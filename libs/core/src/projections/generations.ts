import type { JsonObject } from '../events/json.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';

/** `live` is read by queries; `building` is on its way there; `frozen` was live before; `cancelled` goes away. */
export type GenerationState = 'live' | 'building' | 'frozen' | 'cancelled';

/** A set of documents that one version of a projection's fold has built. */
export interface Generation {
  readonly number: number;
  readonly state: GenerationState;
  readonly createdAt: string;
}

/** The generations of one version of a projection. */
export interface Generational {
  readonly live: number;
  readonly generations: readonly Generation[];
}

/**
 * A generation is dropped no sooner than so long after it ceased to be live, in milliseconds: whoever has seen it live
 * more recently than that may read it.
 */
export const KEPT_AFTERWARDS_MS = 3_000;

interface Kept {
  readonly live: number;
  /** Numbers are never used again. */
  readonly next: number;
  readonly generations: Readonly<Record<string, { readonly state: GenerationState; readonly createdAt: string }>>;
}

/** Names a projection's version in collections: `order-summary.v1`. */
export interface ProjectionVersion {
  readonly name: string;
  readonly version: number;
}

/**
 * Which generation of each projection and version is live, and which others there are. A version's documents are its
 * own: code never reads those that another version's fold has built.
 */
export class Generations {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<Generations> {
    return new Generations(await documents.collection('gesta.generations'));
  }

  /** The collection that holds a generation's documents. Its reader bears the same name. */
  static collectionName({ name, version }: ProjectionVersion, generation: number): string {
    return `projection.${name}.v${version}.g${generation}`;
  }

  /** The version's generations; the first one, live, where there was none. */
  async of(projection: ProjectionVersion): Promise<Generational> {
    return shown((await this.find(projection)) ?? (await this.change(projection, (kept) => kept)));
  }

  /** The generation that is being built; a new one where there is none. */
  async begin(projection: ProjectionVersion): Promise<number> {
    const building = (kept: Kept) =>
      Object.keys(kept.generations).find((number) => kept.generations[number]!.state === 'building');
    const kept = await this.change(projection, (before) => {
      if (building(before) !== undefined) return before;
      const begun = { [before.next]: { state: 'building' as const, createdAt: new Date().toISOString() } };
      return { ...before, next: before.next + 1, generations: { ...before.generations, ...begun } };
    });
    return Number(building(kept));
  }

  /** Makes the generation the live one; the one before it is frozen. Nothing happens when it was cancelled meanwhile. */
  async switchTo(projection: ProjectionVersion, number: number): Promise<boolean> {
    const kept = await this.change(projection, (before) => {
      const state = before.generations[number]?.state;
      if (state !== 'building' && state !== 'frozen') return before;
      return { ...withState(withState(before, before.live, 'frozen'), number, 'live'), live: number };
    });
    return kept.live === number;
  }

  /** Cancels the generation that is being built. @returns its number; `undefined` where there is none */
  async cancel(projection: ProjectionVersion): Promise<number | undefined> {
    let cancelled: number | undefined;
    await this.change(projection, (before) => {
      cancelled = undefined;
      for (const [number, { state }] of Object.entries(before.generations))
        if (state === 'building') cancelled = Number(number);
      return cancelled === undefined ? before : withState(before, cancelled, 'cancelled');
    });
    return cancelled;
  }

  /** Gives up a generation that is not live, so that it cannot become live any more. @returns whether it is given up */
  async giveUp(projection: ProjectionVersion, number: number): Promise<boolean> {
    const kept = await this.change(projection, (before) =>
      before.generations[number]?.state === 'frozen' ? withState(before, number, 'cancelled') : before,
    );
    return kept.generations[number]?.state === 'cancelled';
  }

  /** Strikes a generation that is neither live nor being built off the list. */
  async remove(projection: ProjectionVersion, number: number): Promise<void> {
    await this.change(projection, (before) => {
      const { [number]: gone, ...generations } = before.generations;
      return gone && (gone.state === 'frozen' || gone.state === 'cancelled') ? { ...before, generations } : before;
    });
  }

  /** The versions before this one of which documents are kept. */
  async earlierVersions({ name, version }: ProjectionVersion): Promise<readonly number[]> {
    const versions = (await this.collection.find({})).flatMap(({ key }) => {
      const end = key.lastIndexOf('.v');
      return key.slice(0, end) === name ? Number(key.slice(end + 2)) : [];
    });
    return versions.filter((each) => each < version).sort((one, other) => one - other);
  }

  /** Strikes a version off, whose documents are gone. */
  async forget({ name, version }: ProjectionVersion): Promise<void> {
    const key = `${name}.v${version}`;
    const stored = (await this.collection.get([key])).get(key);
    if (stored) await this.collection.put([{ key, version: stored.version + 1n, body: undefined }]);
  }

  private async find({ name, version }: ProjectionVersion): Promise<Kept | undefined> {
    const key = `${name}.v${version}`;
    return (await this.collection.get([key])).get(key)?.body as unknown as Kept | undefined;
  }

  private async change({ name, version }: ProjectionVersion, change: (before: Kept) => Kept): Promise<Kept> {
    const key = `${name}.v${version}`;
    for (;;) {
      const stored = (await this.collection.get([key])).get(key);
      const before = (stored?.body as unknown as Kept | undefined) ?? first();
      const after = change(before);
      if (stored && after === before) return before;
      const refused = await this.collection.put([
        { key, version: (stored?.version ?? 0n) + 1n, body: after as unknown as JsonObject },
      ]);
      if (refused.length === 0) return after; // else somebody changed it meanwhile: look again
    }
  }
}

const first = (): Kept => ({
  live: 1,
  next: 2,
  generations: { 1: { state: 'live', createdAt: new Date().toISOString() } },
});

function withState(kept: Kept, number: number, state: GenerationState): Kept {
  return { ...kept, generations: { ...kept.generations, [number]: { ...kept.generations[number]!, state } } };
}

function shown({ live, generations }: Kept): Generational {
  return {
    live,
    generations: Object.entries(generations)
      .map(([number, { state, createdAt }]) => ({ number: Number(number), state, createdAt }))
      .sort((one, other) => one.number - other.number),
  };
}
