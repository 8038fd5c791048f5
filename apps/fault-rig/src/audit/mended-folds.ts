import 'reflect-metadata';
import type { RecordedEvent } from '@gesta/core';
import { projections } from '@marketplace/ordering/parts';

/**
 * The fix of a bug, as a new deployment would bring it: loaded before an application, it teaches `customer-orders` that a
 * confirmation without a total is nobody's. What is parked because of such can then be retried.
 */
interface CustomerOrdersFold {
  confirmed(confirmed: { total?: object }, before: object | undefined, meta: RecordedEvent): object | undefined;
}

const fold = projections.find(({ name }) => name === 'OrdersByCustomer')!.prototype as unknown as CustomerOrdersFold;
const { confirmed } = fold;
fold.confirmed = function (event, before, meta) {
  return event.total === undefined ? before : confirmed.call(this, event, before, meta);
};
