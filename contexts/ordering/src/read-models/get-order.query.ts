import type { ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { OrderSummaries, summaryOf, type OrderSummary, type OrderSummaryDocument } from './order-summary.projection.js';

/** How does an order stand? `undefined` where none was placed. */
export class GetOrder extends Query<OrderSummary | undefined> {
  /** @param after the answer knows everything up to this position */
  constructor(
    readonly orderId: string,
    readonly after?: bigint,
  ) {
    super();
  }
}

@QueryHandler(GetOrder)
export class GetOrderHandler implements IQueryHandler<GetOrder> {
  constructor(@InjectReadModel(OrderSummaries) private readonly summaries: ReadModel<OrderSummaryDocument>) {}

  async execute({ orderId, after }: GetOrder): Promise<OrderSummary | undefined> {
    if (after !== undefined) await this.summaries.waitFor(after);
    const document = await this.summaries.findById(orderId);
    return document && summaryOf(document);
  }
}
