const A_SECOND_MS = 1_000;

/**
 * Keeps a log readable while something happens thousands of times: of each kind one line a second is written, and the next
 * one says how many there were meanwhile.
 */
export class OnceASecond {
  private readonly kinds = new Map<string, { since: number; left: number }>();

  /** @param now in milliseconds; specs set it */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** @param kind one of few, by which lines are alike */
  write(kind: string, line: string, write: (line: string) => void): void {
    const now = this.now();
    const told = this.kinds.get(kind);
    if (told && now - told.since < A_SECOND_MS) {
      told.left++;
      return;
    }
    this.kinds.set(kind, { since: now, left: 0 });
    write(told?.left ? `${line} (and ${told.left} more of this kind since the last one that was told)` : line);
  }
}
