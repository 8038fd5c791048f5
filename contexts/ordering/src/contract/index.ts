/** What other contexts may know of ordering: the events it publishes, and what they are made of. */
export { OrderLine } from './order-line.js';
export { OrderCancelled, OrderConfirmed, OrderPlaced, OrderRejected } from './order-events.js';
