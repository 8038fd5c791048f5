/** Over how long a reader's pace is measured, and after how long without a step it stands still, in milliseconds. */
const PACE_OVER_MS = 5_000;
/** A reader that has been behind for less is about to be done, whatever its pace seems to be. */
const AT_LEAST_BEHIND_MS = 500;

interface Look {
  readonly at: number;
  readonly position: bigint;
}

interface Mark {
  readonly at: number;
  readonly head: bigint;
}

/**
 * Tells from now and then a look at readers how long the slowest of them needs for what is in the log: how far it is behind,
 * by the pace it has. A reader that does not get on at all counts for nothing: no pace tells when it will, and what is
 * recorded meanwhile waits in order.
 */
export class BacklogTime {
  private readonly looks = new Map<string, Look[]>();
  /** Ends of the log that not every reader has reached, the oldest first. */
  private marks: Mark[] = [];
  private longest = 0;

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
      if (position < slowest) slowest = position;
      this.longest = Math.max(this.longest, this.timeOf(reader, { at, position }, head));
    }
    this.marks = this.marks.filter((mark) => mark.head > slowest);
  }

  private timeOf(reader: string, now: Look, head: bigint): number {
    const looks = (this.looks.get(reader) ?? []).filter(({ at }) => now.at - at <= PACE_OVER_MS);
    looks.push(now);
    if (now.position >= head) {
      // A pace is that of work: what it did while there was nothing to do says nothing.
      this.looks.set(reader, [now]);
      return 0;
    }
    this.looks.set(reader, looks);
    const oldest = this.marks.find((mark) => mark.head > now.position);
    const behindFor = oldest ? now.at - oldest.at : 0;
    const [first] = looks;
    const steps = Number(now.position - first!.position);
    if (behindFor < AT_LEAST_BEHIND_MS || steps <= 0) return 0;
    const perMs = steps / (now.at - first!.at);
    return Math.max(behindFor, Number(head - now.position) / perMs);
  }
}
