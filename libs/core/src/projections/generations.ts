import type { JsonObject } from '../events/json.js';
import { SharedLook } from './shared-look.js';
import type { DocumentCollection, DocumentStore, StoredDocument } from '../store/document-store.js';
import {
  begun,
  cancelled,
  firstGeneration,
  givenUp,
  isFenced,
  isGoingAway,
  numberBeingBuilt,
  promoted,
  renewed,
  retired,
  standingOf,
  struckOff,
  taken,
  type GenerationState,
  type KeptGenerations,
  type Promotion,
  type Standing,
} from './generation-states.js';

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
 * A generation is dropped no sooner than so long after it is known to be going away, in milliseconds: whoever has seen it
 * kept more recently than that may read it.
 */
export const KEPT_AFTERWARDS_MS = 3_000;

/** Names a projection's version in collections: `order-summary.v1`. */
export interface ProjectionVersion {
  readonly name: string;
  readonly version: number;
}

/**
 * Which generation of each projection and version is live, and which others there are. A version's documents are its
 * own: code never reads those that another version's fold has built.
 *
 * Each version is a document, changed on the condition that nobody has changed it meanwhile: of two who ask for moves
 * that exclude one another, one is refused.
 */
export class Generations {
  private readonly look: SharedLook;

  private constructor(private readonly collection: DocumentCollection) {
    this.look = new SharedLook(collection);
  }

  static async open(documents: DocumentStore): Promise<Generations> {
    return new Generations(await documents.collection('gesta.generations'));
  }

  /** The collection that holds a generation's documents. Its reader bears the same name. */
  static collectionName({ name, version }: ProjectionVersion, generation: number): string {
    return `projection.${name}.v${version}.g${generation}`;
  }

  /** The version's generations; a first one, live, where there was none or all are going away. */
  async of(projection: ProjectionVersion): Promise<Generational> {
    const { body } = await this.find(projection);
    const isThere = body && !isGoingAway(body.generations[body.live]?.state);
    return shown(isThere ? body : await this.make(projection, (kept) => renewed(kept, now())));
  }

  /** The version's generations as they are; `undefined` where there are none. */
  async peek(projection: ProjectionVersion): Promise<Generational | undefined> {
    const { body } = await this.find(projection);
    return body && shown(body);
  }

  /** The generation that is being built, a new one where there is none, and how a run of the rebuild goes about it. */
  async begin(projection: ProjectionVersion): Promise<Promotion> {
    const kept = await this.make(projection, (before) => begun(before, now()));
    return { number: numberBeingBuilt(kept)!, state: 'building', from: kept.live };
  }

  /** How a run stands. */
  async standing(projection: ProjectionVersion, promotion: Promotion): Promise<Standing> {
    const { body } = await this.find(projection);
    return body ? standingOf(body, promotion) : 'cancelled';
  }

  /**
   * Whoever owned the generation before can make it live no more.
   * @param epoch of the lease by which it is owned now
   */
  async take(projection: ProjectionVersion, number: number, epoch: bigint): Promise<void> {
    await this.change(projection, (kept) => taken(kept, number, epoch));
  }

  /**
   * Makes the run's generation the live one; the one before it is frozen. Nothing happens when the run was overtaken or
   * cancelled, or when another process owns the generation now.
   * @param epoch of the lease by which the generation is owned
   * @returns `on` when it has become live, or why not
   */
  async switchTo(
    projection: ProjectionVersion,
    promotion: Promotion,
    epoch: bigint,
  ): Promise<Standing | 'not the owner'> {
    let standing: Standing | 'not the owner' = 'cancelled';
    await this.change(projection, (before) => {
      standing = isFenced(before, promotion.number, epoch) ? 'not the owner' : standingOf(before, promotion);
      return promoted(before, promotion, epoch);
    });
    return standing;
  }

  /**
   * Cancels the generation that is being built.
   * @returns the numbers of what is cancelled and still there, left by another run among them
   */
  async cancel(projection: ProjectionVersion): Promise<readonly number[]> {
    const kept = await this.change(projection, (before) => {
      const number = numberBeingBuilt(before);
      return number === undefined ? before : cancelled(before, number);
    });
    if (!kept) return [];
    return shown(kept).generations.flatMap(({ number, state }) => (state === 'cancelled' ? number : []));
  }

  /**
   * Gives a generation that is frozen up, so that it cannot become live any more.
   * @param epoch of the lease by which the caller owns it
   * @returns whether it is going away
   */
  async giveUp(projection: ProjectionVersion, number: number, epoch: bigint): Promise<boolean> {
    const kept = await this.change(projection, (before) => givenUp(before, number, epoch));
    const state = kept?.generations[number]?.state;
    return state !== undefined && isGoingAway(state);
  }

  /**
   * Gives the whole version up.
   * @param numbers the generations that the caller owns
   * @returns whether it is; not where there are other generations
   */
  async retire(projection: ProjectionVersion, numbers: readonly number[]): Promise<boolean> {
    const kept = await this.change(projection, (before) => retired(before, numbers));
    return !kept || Object.values(kept.generations).every(({ state }) => isGoingAway(state));
  }

  /** Strikes a generation whose documents are gone off the list. */
  async strike(projection: ProjectionVersion, number: number): Promise<void> {
    await this.change(projection, (before) => struckOff(before, number));
  }

  /** The versions before this one of which documents are kept. */
  async earlierVersions({ name, version }: ProjectionVersion): Promise<readonly number[]> {
    const versions = (await this.collection.find({})).flatMap(({ key }) => {
      const end = key.lastIndexOf('.v');
      return key.slice(0, end) === name ? Number(key.slice(end + 2)) : [];
    });
    return versions.filter((each) => each < version).sort((one, other) => one - other);
  }

  /** Strikes a version off that has no generations. @returns whether there is none now */
  async forget(projection: ProjectionVersion): Promise<boolean> {
    for (;;) {
      const stored = await this.find(projection);
      if (!stored.body) return true;
      if (Object.keys(stored.body.generations).length > 0) return false;
      if (await this.put(stored, undefined)) return true;
    }
  }

  private async find({ name, version }: ProjectionVersion) {
    const key = `${name}.v${version}`;
    const stored = (await this.look.get(key)) ?? { key, version: 0n, body: undefined };
    return stored as Omit<StoredDocument, 'body'> & { readonly body: KeptGenerations | undefined };
  }

  /** Where there is nothing, it begins with a first generation. */
  private async make(projection: ProjectionVersion, change: Change): Promise<KeptGenerations> {
    for (;;) {
      const stored = await this.find(projection);
      // A version that was forgotten and comes back: it was changed at least as often as it had generations.
      const before = stored.body ?? firstGeneration(Number(stored.version) + 1, now());
      const after = change(before);
      if (stored.body && after === before) return before;
      if (await this.put(stored, after)) return after;
    }
  }

  /** @returns what there is then; `undefined` where there is nothing */
  private async change(projection: ProjectionVersion, change: Change): Promise<KeptGenerations | undefined> {
    for (;;) {
      const stored = await this.find(projection);
      const after = stored.body && change(stored.body);
      if (!after || after === stored.body || (await this.put(stored, after))) return after;
    }
  }

  /** @returns `false` when somebody has changed it meanwhile */
  private async put({ key, version }: Pick<StoredDocument, 'key' | 'version'>, kept: KeptGenerations | undefined) {
    const body = kept as unknown as JsonObject | undefined;
    return (await this.collection.put([{ key, version: version + 1n, body }])).length === 0;
  }
}

type Change = (before: KeptGenerations) => KeptGenerations;

const now = () => new Date().toISOString();

function shown({ live, generations }: KeptGenerations): Generational {
  return {
    live,
    generations: Object.entries(generations)
      .map(([number, { state, createdAt }]) => ({ number: Number(number), state, createdAt }))
      .sort((one, other) => one.number - other.number),
  };
}
