import { DomainError } from '@gesta/core';

/** Nothing was ever received under the sku. */
export class UnknownItem extends DomainError {
  constructor(sku: string) {
    super(`There is no item '${sku}'`);
  }
}

/** Fewer units are available than were asked for. */
export class OutOfStock extends DomainError {
  constructor(sku: string, available: number, asked: number) {
    super(`${available} of item '${sku}' available, ${asked} asked for`);
  }
}

/** The order has the item already, in another quantity. */
export class QuantityDiffers extends DomainError {
  constructor(sku: string, orderId: string, has: number, asked: number) {
    super(`Order '${orderId}' has ${has} of item '${sku}' already and cannot reserve ${asked}`);
  }
}

/** The order had the item and gave it up, or kept it waiting too long; an order reserves an item once. */
export class ReservationEnded extends DomainError {
  constructor(sku: string, orderId: string) {
    super(`Order '${orderId}' has given up its reservation of item '${sku}'`);
  }
}

/** Nothing is held for the order, so nothing can be sold to it. */
export class ReservationNotHeld extends DomainError {
  constructor(sku: string, orderId: string) {
    super(`No reservation of item '${sku}' is held for order '${orderId}'`);
  }
}
