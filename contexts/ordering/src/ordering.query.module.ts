import { Module } from '@nestjs/common';
import { OrderQueriesController } from './http/order-queries.controller.js';
import { OrdersByCustomer } from './read-models/customer-orders.projection.js';
import { GetCustomerOrdersHandler } from './read-models/get-customer-orders.query.js';
import { GetOrderHandler } from './read-models/get-order.query.js';
import { ListOrdersHandler } from './read-models/list-orders.query.js';
import { OrderSummaries } from './read-models/order-summary.projection.js';

/** The read side of ordering: tells how orders stand. */
@Module({
  providers: [OrderSummaries, OrdersByCustomer, GetOrderHandler, ListOrdersHandler, GetCustomerOrdersHandler],
  controllers: [OrderQueriesController],
})
export class OrderingQueryModule {}
