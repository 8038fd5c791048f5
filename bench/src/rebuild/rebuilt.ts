import type { OrderSummary } from '../domain/order-summaries.js';
import type { Settings } from '../floor/floor-database.js';

/** What is to be rebuilt. */
export interface ToRebuild {
  /** The file with the events. */
  readonly path: string;
  /** How many orders it holds. */
  readonly orders: number;
}

/** The same for the floor. */
export interface ToRebuildByHand extends ToRebuild {
  /** How it connects: as we do. */
  readonly settings: { readonly events: Settings; readonly documents: Settings };
}

/** How a rebuild went. */
export interface Rebuilt {
  readonly milliseconds: number;
  readonly cpuMilliseconds: number;
  /** The most memory that it had resident beyond what Node had at the start, in bytes. */
  readonly memory: number;
  /** The last order's document, to be compared. */
  readonly last: OrderSummary | undefined;
}
