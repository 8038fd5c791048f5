/** Over how long a reader's pace is measured, in milliseconds. */
const PACE_OVER_MS = 5_000;
/** After how long without a step a reader stands still, in milliseconds: a batch of slow effects takes seconds. */
const STANDS_STILL_AFTER_MS = 10_000;
/** A reader that has been behind for less is about to be done, whatever its pace seems to be, in milliseconds. */
const AT_LEAST_BEHIND_MS = 500;
/** What came between two looks so far apart, in milliseconds, says nothing of a pace: there may have been nothing to do. */
const TOO_FAR_APART_MS = 1_000;
/** Where one stands still for long, ends of the log are remembered ever more coarsely. */
const MOST_MARKS = 1_000;

interface Step {
  readonly at: number;
  readonly position: bigint;
}

/** What is known of one reader. */
interface Seen {
  position: bigint;
  /** Where it has to get to before it counts: what was in the log before anybody looked. */
  readonly goal: bigint;
  /** When it was last seen to have moved. */
  movedAt: number | undefined;
  /** Where it was when it was seen to have moved, since it has had work without a pause; the oldest first. */
  steps: Step[];
}

/**
 * Tells from now and then a look at readers how long the slowest of them needs for what is in the log: how long it has been
 * behind, or how far it is behind by the pace it has, whichever is longer.
 *
 * It is about what came while one looked. A reader that has yet to catch up with what was there before, and one that stands
 * still, count for nothing: readiness tells of them, and what is recorded meanwhile waits in order.
 */
export class BacklogTime {
  private readonly readers = new Map<string, Seen>();
  /** Ends of the log that not every reader has reached, the oldest first. */
  private marks: { readonly at: number; readonly head: bigint }[] = [];
  private longest = 0;
  private lookedAt = -Infinity;

  /** In milliseconds, as of the last look. */
  get ms(): number {
    return this.longest;
  }

  /**
   * @param at when it is, in milliseconds of a clock that is never put back
   * @param head the end of the log
   * @param positions where each of the readers is
   */
  look(at: number, head: bigint, positions: ReadonlyMap<string, bigint>): void {
    if (head > (this.marks.at(-1)?.head ?? -1n)) this.marks.push({ at, head });
    let slowest = head;
    this.longest = 0;
    for (const [reader, position] of positions) {
      const seen = this.moved(reader, at, position, head);
      if (position < seen.goal) continue;
      if (position < slowest) slowest = position;
      this.longest = Math.max(this.longest, this.timeOf(seen, at, head));
    }
    this.marks = this.marks.filter((mark) => mark.head > slowest);
    if (this.marks.length > MOST_MARKS) this.marks = this.marks.filter((_mark, index) => index % 2 === 0);
    this.lookedAt = at;
  }

  private moved(reader: string, at: number, position: bigint, head: bigint): Seen {
    const before = this.readers.get(reader);
    if (!before || position < before.position) {
      // It is new, or was put back: it reads what has long been there.
      const seen = { position, goal: head, movedAt: undefined, steps: [{ at, position }] };
      this.readers.set(reader, seen);
      return seen;
    }
    const hasMoved = position > before.position;
    if (hasMoved) Object.assign(before, { position, movedAt: at });
    if (position >= head) before.steps = [];
    else if (before.steps.length === 0 || at - this.lookedAt > TOO_FAR_APART_MS) before.steps = [{ at, position }];
    else if (hasMoved) {
      const last = before.steps.at(-1)!;
      before.steps = [
        ...before.steps.filter((step) => step === last || at - step.at <= PACE_OVER_MS),
        { at, position },
      ];
    }
    return before;
  }

  private timeOf({ position, movedAt, steps }: Seen, at: number, head: bigint): number {
    const behindSince = this.marks.find((mark) => mark.head > position)?.at ?? at;
    const behindFor = at - behindSince;
    const standsStill = movedAt === undefined || at - movedAt > STANDS_STILL_AFTER_MS;
    if (behindFor < AT_LEAST_BEHIND_MS || standsStill) return 0;
    if (steps.length < 2) return behindFor;
    const [first, last] = [steps[0]!, steps.at(-1)!];
    const perMs = Number(last.position - first.position) / (last.at - first.at);
    return Math.max(behindFor, Number(head - position) / perMs);
  }
}
