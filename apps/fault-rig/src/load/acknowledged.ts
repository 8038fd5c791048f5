import type { PlacedOrder } from '@marketplace/simulator';
import type { Race, Races } from './races.js';
import type { Trade } from './trade.js';

/** What customers were told. */
export interface Acknowledged {
  readonly placed: readonly PlacedOrder[];
  /** Units received, by sku; each item was received once. */
  readonly received: ReadonlyMap<string, number>;
  readonly races: readonly Race[];
}

/** What they were told up to now; it does not grow with what they are told later. */
export function acknowledgedSoFar(trade: Trade, races: Races): Acknowledged {
  return {
    placed: trade.days.flatMap(({ placed }) => placed),
    received: new Map(trade.days.flatMap(({ done }) => [...done.shelves])),
    races: [...races.won],
  };
}
