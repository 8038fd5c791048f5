import type { ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { OrdersByCustomer, type CustomerOrders } from './customer-orders.projection.js';

/** What has a customer ordered so far? `undefined` where they never ordered. */
export class GetCustomerOrders extends Query<CustomerOrders | undefined> {
  /** @param after the answer knows everything up to this position */
  constructor(
    readonly customerId: string,
    readonly after?: bigint,
  ) {
    super();
  }
}

@QueryHandler(GetCustomerOrders)
export class GetCustomerOrdersHandler implements IQueryHandler<GetCustomerOrders> {
  constructor(@InjectReadModel(OrdersByCustomer) private readonly customers: ReadModel<CustomerOrders>) {}

  async execute({ customerId, after }: GetCustomerOrders): Promise<CustomerOrders | undefined> {
    if (after !== undefined) await this.customers.waitFor(after);
    return this.customers.findById(customerId);
  }
}
