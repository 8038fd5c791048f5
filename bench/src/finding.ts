/** What a finding is held against. */
export interface Budget {
  /** Which of the numbers counts: the ratio, at least or at most, or our own number, at most. */
  readonly of: 'ratio at least' | 'ratio at most' | 'ours at most';
  readonly limit: number;
}

/** One line of the table. */
export interface Finding {
  readonly work: string;
  /** Of `ours` and `floor`, such as `events/s` or `ms`. */
  readonly unit: string;
  readonly ours: number;
  /** The same by hand; `null` where there is nothing to compare with. */
  readonly floor: number | null;
  readonly ratio: number | null;
  /** `null` where the figure is for information. */
  readonly budget: Budget | null;
  /** The same work by libraries of the same kind. */
  readonly peers?: readonly PeerFigure[];
}

/** What a library of the same kind came to. */
export interface PeerFigure {
  readonly name: string;
  /** In the finding's unit. */
  readonly value: number;
  /** What it ran on, and how durable that is: `SQLite 3.54.1, journal_mode=wal, synchronous=FULL`. */
  readonly settings: string;
  /** What it does otherwise than ours in this work. */
  readonly note?: string;
}

/** Two rates: the more the better, on either side. `ratio` is ours as a share of the floor's. */
export function rates(work: string, unit: string, ours: number, floor: number, atLeast: number): Finding {
  return { work, unit, ours, floor, ratio: ours / floor, budget: { of: 'ratio at least', limit: atLeast } };
}

/** Two figures for information; `ratio` is ours as a share of the floor's. */
export function informative(work: string, unit: string, ours: number, floor: number): Finding {
  return { work, unit, ours, floor, ratio: ours / floor, budget: null };
}

/** A rate beside those of other libraries. */
export function besidePeers(work: string, unit: string, ours: number, peers: readonly PeerFigure[]): Finding {
  return { work, unit, ours, floor: null, ratio: null, budget: null, peers };
}

/** Two durations: the less the better. `ratio` is our speed as a share of the floor's. */
export function durations(work: string, unit: string, ours: number, floor: number, atLeast: number): Finding {
  return { work, unit, ours, floor, ratio: floor / ours, budget: { of: 'ratio at least', limit: atLeast } };
}

/** A number that must not be greater than the limit, whatever the floor's is. */
export function bounded(work: string, unit: string, ours: number, floor: number | null, atMost: number): Finding {
  return { work, unit, ours, floor, ratio: null, budget: { of: 'ours at most', limit: atMost } };
}

/** A cost that must not grow by more than the factor; the floor is the cost before. */
export function growth(work: string, unit: string, ours: number, before: number, atMost: number): Finding {
  return { work, unit, ours, floor: before, ratio: ours / before, budget: { of: 'ratio at most', limit: atMost } };
}

/** Whether the finding is within its budget; `null` where it has none. */
export function isMet({ ours, ratio, budget }: Finding): boolean | null {
  if (!budget) return null;
  const { of, limit } = budget;
  if (of === 'ours at most') return ours <= limit;
  return of === 'ratio at least' ? ratio! >= limit : ratio! <= limit;
}
