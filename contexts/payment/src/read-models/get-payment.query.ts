import type { ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { PaymentViews, type PaymentView } from './payment-view.projection.js';

/** How does the payment of an order stand? `undefined` where none was asked for. */
export class GetPayment extends Query<PaymentView | undefined> {
  /** @param after the answer knows everything up to this position */
  constructor(
    readonly orderId: string,
    readonly after?: bigint,
  ) {
    super();
  }
}

@QueryHandler(GetPayment)
export class GetPaymentHandler implements IQueryHandler<GetPayment> {
  constructor(@InjectReadModel(PaymentViews) private readonly payments: ReadModel<PaymentView>) {}

  async execute({ orderId, after }: GetPayment): Promise<PaymentView | undefined> {
    if (after !== undefined) await this.payments.waitFor(after);
    return this.payments.findById(orderId);
  }
}
