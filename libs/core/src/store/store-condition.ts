/** How a store is doing, beyond that it answers reads. */
export interface StoreCondition {
  /** Why it takes no writes now, in one sentence; absent where it takes them. */
  readonly failing?: string | undefined;
  /** What will become a problem, and what to do about it: a sentence each. */
  readonly warnings: readonly string[];
}
