import type { Checkpoint } from '../store/event-store.js';
import type { Checkpoints, Progress } from './checkpoints.js';
import { placeAt, type LookedFor, type Place, type Places } from './looked-for.js';

/** Types whose events were passed by code that did not name them, and from where each of them is read. */
export interface Missed {
  readonly types: readonly string[];
  /** The earliest of the places. */
  readonly from: Checkpoint | undefined;
  /** Whether the event was passed. It was taken, or comes yet, where it was not. */
  readonly holds: (event: { readonly type: string; readonly position: bigint }) => boolean;
}

/**
 * Which of the types that a reader names were looked for up to its checkpoint. A type is: because the owner that saved
 * the checkpoint named it. Any other was looked for up to a place of its own, which does not move until an owner that
 * names the type has read what is behind it; so nothing is passed unseen, whoever has the lease in between.
 */
export class Coverage {
  readonly types: readonly string[];
  private places: Places = {};
  /** What the last owner looked for and this code does not name. */
  private foreign: readonly string[] = [];
  private missing: readonly string[] = [];

  constructor(
    private readonly reader: string,
    types: readonly string[],
    private readonly lookedFor: LookedFor,
    private readonly checkpoints: Checkpoints,
  ) {
    this.types = [...new Set(types)].sort();
  }

  /**
   * The types that were not looked for yet up to where the reader is.
   * @param saved by the owner, where that is another process
   */
  async missingIn(saved: Progress | undefined): Promise<readonly string[]> {
    const looked = saved?.types;
    if (!looked) return this.missing;
    const behind = this.types.filter((type) => !looked.includes(type));
    if (behind.length === 0) return behind;
    const places = await this.lookedFor.load(this.reader);
    return behind.filter((type) => BigInt(places[type]?.position ?? -1) < saved.position);
  }

  /**
   * Says that events of these types are wanted, so that an owner which does not name them loses none, from the place on
   * for those that nobody has asked for before. @returns the earliest place that was asked for
   */
  async ask(from: Progress): Promise<Progress> {
    const progress = await this.checkpoints.load(this.reader);
    // A version that did not keep account has saved it: what the code names now counts as what was looked for then.
    const covered = new Set(progress && !progress.types ? this.types : progress?.types);
    this.places = await this.lookedFor.change(this.reader, (before) => {
      const added = this.types.filter((type) => !covered.has(type) && !before[type]);
      if (added.length === 0) return before;
      return { ...before, ...Object.fromEntries(added.map((type) => [type, placeAt(from)])) };
    });
    const asked = this.types.flatMap((type) => this.places[type] ?? []);
    const { checkpoint, position } = asked.reduce(earlier, placeAt(from));
    return { checkpoint, position: BigInt(position) };
  }

  /**
   * A pass begins at the progress. What was looked for up to there and is not named here stays behind, durably.
   * @returns what is named here and was not looked for
   */
  async open(progress: Progress): Promise<Missed | undefined> {
    const here = placeAt(progress);
    const covered = progress.types ?? (progress.checkpoint === undefined ? [] : this.types);
    const foreign = covered.filter((type) => !this.types.includes(type));
    this.places = await this.lookedFor.change(this.reader, (before) => {
      const moved = foreign.filter((type) => !before[type]?.again && before[type]?.position !== here.position);
      if (moved.length === 0) return before;
      return { ...before, ...Object.fromEntries(moved.map((type) => [type, here])) };
    });
    this.foreign = [...foreign, ...Object.keys(this.places)].filter((type) => !this.types.includes(type));
    const behind = new Map<string, Place>();
    for (const type of this.types) {
      const place = this.places[type];
      if (place && isBefore(place, here) && (place.again || !covered.includes(type))) behind.set(type, place);
    }
    this.missing = [...behind.keys()];
    if (behind.size === 0) return undefined;
    return {
      types: this.missing,
      from: [...behind.values()].reduce(earlier).checkpoint,
      holds: ({ type, position }) =>
        position <= progress.position && behind.has(type) && position > BigInt(behind.get(type)!.position),
    };
  }

  /** The events of the types that were missed were taken up to the place. */
  async took(missed: Missed, progress: Progress, isDone: boolean): Promise<void> {
    const here = placeAt(progress);
    this.places = await this.lookedFor.change(this.reader, (before) => {
      // What somebody else has changed is theirs to say: another owner's word counts when it opens the next pass.
      const moved = missed.types.filter((type) => isSame(before[type], this.places[type]));
      const moving = moved.filter((type) => isDone || isBefore(before[type]!, here));
      if (moving.length === 0) return before;
      const placed = moving.map((type): [string, Place] => [
        type,
        { ...here, ...(before[type]!.again && !isDone && { again: true }) },
      ]);
      return { ...before, ...Object.fromEntries(placed) };
    });
    if (isDone) this.missing = [];
  }

  /**
   * What waits from the place on is about to be taken and let go. What this code does not name is not taken: whoever names
   * it is to look for it again.
   */
  async leaveForeign({ checkpoint, position }: { checkpoint?: Checkpoint; position: bigint }): Promise<void> {
    if (this.foreign.length === 0) return;
    const there: Place = { ...placeAt({ checkpoint, position: position - 1n }), again: true };
    await this.lookedFor.change(this.reader, (before) => {
      const lowered = this.foreign.filter((type) => !before[type] || isBefore(there, before[type]));
      if (lowered.length === 0) return before;
      return { ...before, ...Object.fromEntries(lowered.map((type) => [type, there])) };
    });
  }
}

function isBefore(one: Place, other: Place): boolean {
  return BigInt(one.position) < BigInt(other.position);
}

function earlier(one: Place, other: Place): Place {
  return isBefore(other, one) ? other : one;
}

function isSame(one: Place | undefined, other: Place | undefined): boolean {
  return one?.position === other?.position && one?.again === other?.again;
}
