import type { Filter, ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { cursorAfter, positionOf } from './order-cursor.js';
import {
  OrderSummaries,
  summaryOf,
  type OrderStatus,
  type OrderSummary,
  type OrderSummaryDocument,
} from './order-summary.projection.js';

/** Which orders, and how many of them at a time. */
export interface OrderSelection {
  readonly customerId?: string;
  readonly status?: OrderStatus;
  readonly limit: number;
  /** The `next` of the page before. */
  readonly cursor?: string;
}

/** A page of orders, newest first. */
export interface OrderPage {
  readonly items: readonly OrderSummary[];
  /** The cursor of the next page; absent on the last one. */
  readonly next?: string;
}

/**
 * Which orders are there? A page begins after the last order of the page before, so orders placed while someone turns
 * pages are neither shown twice nor push others out of sight.
 */
export class ListOrders extends Query<OrderPage> {
  constructor(readonly selection: OrderSelection) {
    super();
  }
}

@QueryHandler(ListOrders)
export class ListOrdersHandler implements IQueryHandler<ListOrders> {
  constructor(@InjectReadModel(OrderSummaries) private readonly summaries: ReadModel<OrderSummaryDocument>) {}

  async execute({ selection: { customerId, status, limit, cursor } }: ListOrders): Promise<OrderPage> {
    const filter: Filter = {
      ...(customerId !== undefined && { customerId }),
      ...(status !== undefined && { status }),
      ...(cursor !== undefined && { placedPosition: { $lt: positionOf(cursor) } }),
    };
    // One more than asked for tells whether there is a next page.
    const found = await this.summaries.find(filter, { sort: { placedPosition: -1 }, limit: limit + 1 });
    const page = found.slice(0, limit);
    return {
      items: page.map(summaryOf),
      ...(found.length > limit && { next: cursorAfter(page.at(-1)!.placedPosition) }),
    };
  }
}
