import { Project, Projection } from '@gesta/core';
import { LineAdded, OrderPlaced } from './order-events.js';

/** What a list of orders shows. */
export interface OrderSummary {
  readonly orderId: string;
  readonly customerId: string;
  readonly city: string;
  readonly currency: string;
  readonly lines: number;
  /** In cents. */
  readonly total: number;
  readonly placedAt: string;
  readonly changedAt: string;
}

/** The fold of the read-model rows. The floor calls the same methods. */
@Projection({ name: 'order-summaries', version: 1 })
export class OrderSummaries {
  @Project(OrderPlaced)
  placed({ orderId, customerId, currency, deliverTo, placedAt }: OrderPlaced): OrderSummary {
    const { city } = deliverTo;
    return { orderId, customerId, city, currency, lines: 0, total: 0, placedAt, changedAt: placedAt };
  }

  @Project(LineAdded)
  lineAdded({ quantity, unitPrice, addedAt }: LineAdded, before?: OrderSummary): OrderSummary | undefined {
    if (!before) return undefined;
    return {
      ...before,
      lines: before.lines + 1,
      total: before.total + quantity * unitPrice,
      changedAt: addedAt,
    };
  }
}
