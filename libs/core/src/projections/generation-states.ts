/**
 * `building` is on its way to being live; `live` is what queries read; `frozen` was live before and is kept to be gone
 * back to. `cancelled` was given up before it was ever live, `dropping` after that: both go away.
 */
export type GenerationState = 'building' | 'live' | 'frozen' | 'cancelled' | 'dropping';

/** Every move that there is. What goes away comes back in no way, and nothing goes away that is read or built. */
export const MOVES: Readonly<Record<GenerationState, readonly (GenerationState | 'gone')[]>> = {
  building: ['live', 'cancelled'],
  live: ['frozen', 'dropping'], // it is dropped with its whole version only
  frozen: ['live', 'dropping'],
  cancelled: ['gone'],
  dropping: ['gone'],
};

export interface KeptGeneration {
  readonly state: GenerationState;
  readonly createdAt: string;
  /** Of the last owner that built it, caught it up or dropped it; absent where none did. What one before it asks for is refused. */
  readonly epoch?: string;
}

/** The generations of one version of a projection, as they are stored. */
export interface KeptGenerations {
  readonly live: number;
  /** Numbers are never used again. */
  readonly next: number;
  readonly generations: Readonly<Record<string, KeptGeneration>>;
}

/** What a run of a rebuild or a roll-back goes by. */
export interface Promotion {
  readonly number: number;
  /** What the generation is until it is live. */
  readonly state: 'building' | 'frozen';
  /** The generation that was live when the run began: where another one is now, somebody else was faster. */
  readonly from: number;
}

/** Whether a run goes on, or how it has ended: by another one that has made a generation live, or by a cancellation. */
export type Standing = 'on' | 'overtaken' | 'cancelled';

export const isGoingAway = (state: GenerationState | undefined) =>
  state === undefined || MOVES[state].every((to) => to === 'gone');

export function standingOf({ live, generations }: KeptGenerations, { number, state, from }: Promotion): Standing {
  const now = generations[number]?.state;
  if (now === state && live === from) return 'on';
  return isGoingAway(now) ? 'cancelled' : 'overtaken';
}

/** A version's first generation, live and empty. */
export function firstGeneration(number: number, createdAt: string): KeptGenerations {
  return { live: number, next: number + 1, generations: { [number]: { state: 'live', createdAt } } };
}

// Each of these gives back what it was given where the move is not allowed.

/** A version of which all was dropped begins anew, under a number that nothing of before bears. */
export function renewed(kept: KeptGenerations, createdAt: string): KeptGenerations {
  if (!isGoingAway(kept.generations[kept.live]?.state)) return kept;
  return { ...added(kept, 'live', createdAt), live: kept.next };
}

/** With a generation that is being built, beside a live one. */
export function begun(before: KeptGenerations, createdAt: string): KeptGenerations {
  const kept = renewed(before, createdAt);
  return numberBeingBuilt(kept) === undefined ? added(kept, 'building', createdAt) : kept;
}

export function numberBeingBuilt({ generations }: KeptGenerations): number | undefined {
  const found = Object.entries(generations).find(([, { state }]) => state === 'building');
  return found && Number(found[0]);
}

/** With the epoch of the owner that works on the generation now. */
export function taken(kept: KeptGenerations, number: number, epoch: bigint): KeptGenerations {
  const before = kept.generations[number];
  if (!before || (before.epoch !== undefined && BigInt(before.epoch) >= epoch)) return kept;
  return { ...kept, generations: { ...kept.generations, [number]: { ...before, epoch: String(epoch) } } };
}

/** @param epoch of the owner that asks */
export function isFenced(kept: KeptGenerations, number: number, epoch: bigint): boolean {
  const last = kept.generations[number]?.epoch;
  return last !== undefined && BigInt(last) > epoch;
}

/** The generation is live in the place of the one that was when the run began. */
export function promoted(kept: KeptGenerations, promotion: Promotion, epoch: bigint): KeptGenerations {
  const { number, from } = promotion;
  if (standingOf(kept, promotion) !== 'on' || isFenced(kept, number, epoch)) return kept;
  return { ...moved(moved(kept, from, 'frozen'), number, 'live'), live: number };
}

export function cancelled(kept: KeptGenerations, number: number): KeptGenerations {
  return moved(kept, number, 'cancelled');
}

/** A frozen generation goes away. */
export function givenUp(kept: KeptGenerations, number: number, epoch: bigint): KeptGenerations {
  const isFrozen = kept.generations[number]?.state === 'frozen';
  return isFrozen && !isFenced(kept, number, epoch) ? moved(taken(kept, number, epoch), number, 'dropping') : kept;
}

/**
 * A whole version goes away.
 * @param numbers the generations that nobody but the caller owns: where there are others, nothing is done
 */
export function retired(kept: KeptGenerations, numbers: readonly number[]): KeptGenerations {
  const all = Object.keys(kept.generations).map(Number);
  if (all.some((number) => !numbers.includes(number))) return kept;
  return all.reduce((after, number) => {
    const { state } = after.generations[number]!;
    return moved(after, number, state === 'building' ? 'cancelled' : 'dropping');
  }, kept);
}

/** Without a generation whose documents are gone. */
export function struckOff(kept: KeptGenerations, number: number): KeptGenerations {
  const { [number]: gone, ...generations } = kept.generations;
  return gone && MOVES[gone.state].includes('gone') ? { ...kept, generations } : kept;
}

function moved(kept: KeptGenerations, number: number, to: GenerationState): KeptGenerations {
  const before = kept.generations[number];
  if (!before || !MOVES[before.state].includes(to)) return kept;
  return { ...kept, generations: { ...kept.generations, [number]: { ...before, state: to } } };
}

function added(
  { live, next, generations }: KeptGenerations,
  state: GenerationState,
  createdAt: string,
): KeptGenerations {
  return { live, next: next + 1, generations: { ...generations, [next]: { state, createdAt } } };
}
