import { Order } from './domain/order.js';
import { OrderFulfilment } from './processes/order-fulfilment.process.js';
import { OrdersByCustomer } from './read-models/customer-orders.projection.js';
import { OrderSummaries } from './read-models/order-summary.projection.js';

/** What tools need to know of the context: its classes, without Nest. */
export const aggregates = [Order];
export const projections = [OrderSummaries, OrdersByCustomer];
export const processes = [OrderFulfilment];
