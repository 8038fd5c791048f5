/** Work's turn with a reader, which does not go on meanwhile. */
export interface Turn {
  /** The position that it has reached durably: no event up to there comes again. */
  readonly until: bigint;
  /** Whether somebody waits who should not wait long. */
  isWanted(): boolean;
}

/** Does the work when it is its turn. */
export type InTurn = <T>(work: (turn: Turn) => Promise<T>) => Promise<T>;
