import { Project, Projection, type EventMetadata } from '@gesta/core';
import type { Money } from '@marketplace/values';
import { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from '../contract/order-events.js';
import type { OrderLine } from '../contract/order-line.js';

export const ORDER_STATUSES = ['placed', 'confirmed', 'rejected', 'cancelled'] as const;
export type OrderStatus = (typeof ORDER_STATUSES)[number];

/** How an order stands. */
export interface OrderSummary {
  readonly orderId: string;
  readonly customerId: string;
  readonly status: OrderStatus;
  /** Why it was rejected, or cancelled where the customer said so. */
  readonly reason?: string;
  readonly lines: readonly OrderLine[];
  readonly total: Money;
  /** ISO 8601. */
  readonly placedAt: string;
  readonly updatedAt: string;
}

/** As it is stored. */
export interface OrderSummaryDocument extends OrderSummary {
  /**
   * Where in the log the order was placed, in twenty digits so that text sorts as numbers do. Lists go by it: unlike
   * times, no two orders have the same, and none comes earlier than those already listed.
   */
  readonly placedPosition: string;
}

/** What is stored, as it is shown. */
export function summaryOf({ placedPosition: _inside, ...summary }: OrderSummaryDocument): OrderSummary {
  return summary;
}

@Projection({
  name: 'order-summary',
  indexes: [
    { placedPosition: -1 },
    { customerId: 1, placedPosition: -1 },
    { status: 1, placedPosition: -1 },
    { customerId: 1, status: 1, placedPosition: -1 },
  ],
})
export class OrderSummaries {
  @Project(OrderPlaced)
  placed(placed: OrderPlaced, _before: undefined, { position, recordedAt }: EventMetadata): OrderSummaryDocument {
    const { orderId, customerId, lines, total } = placed;
    const at = recordedAt.toISOString();
    const placedPosition = position.toString().padStart(20, '0');
    return { orderId, customerId, status: 'placed', lines, total, placedAt: at, updatedAt: at, placedPosition };
  }

  @Project(OrderConfirmed)
  confirmed(_: OrderConfirmed, before: OrderSummaryDocument | undefined, meta: EventMetadata) {
    return moved(before, meta, { status: 'confirmed' });
  }

  @Project(OrderRejected)
  rejected({ reason }: OrderRejected, before: OrderSummaryDocument | undefined, meta: EventMetadata) {
    return moved(before, meta, { status: 'rejected', reason });
  }

  @Project(OrderCancelled)
  cancelled({ reason }: OrderCancelled, before: OrderSummaryDocument | undefined, meta: EventMetadata) {
    return moved(before, meta, { status: 'cancelled', reason });
  }
}

function moved(
  before: OrderSummaryDocument | undefined,
  { recordedAt }: EventMetadata,
  change: { status: OrderStatus; reason?: string },
): OrderSummaryDocument | undefined {
  return before && { ...before, ...change, updatedAt: recordedAt.toISOString() };
}
