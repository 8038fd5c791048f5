import { DomainError } from '@gesta/core';

/** No order was placed under the id. */
export class OrderNotFound extends DomainError {
  constructor(orderId: string) {
    super(`There is no order '${orderId}'`);
  }
}

/** The id is taken. */
export class OrderAlreadyPlaced extends DomainError {
  constructor(orderId: string) {
    super(`Order '${orderId}' is placed already`);
  }
}

/** The order was rejected, so there is nothing to cancel. */
export class OrderAlreadyRejected extends DomainError {
  constructor(orderId: string) {
    super(`Order '${orderId}' was rejected and cannot be cancelled`);
  }
}

/** What becomes of the order is settled already. */
export class OrderNotOpen extends DomainError {
  constructor(orderId: string, status: string) {
    super(`Order '${orderId}' is ${status} already`);
  }
}

/** The lines are in different currencies, so they have no total. */
export class MixedCurrencies extends DomainError {
  constructor(currencies: Iterable<string>) {
    super(`All lines of an order are in one currency, not in ${[...currencies].join(' and ')}`);
  }
}

/** The total is past what a number holds exactly. */
export class TotalTooLarge extends DomainError {
  constructor() {
    super(`An order's total is at most ${Number.MAX_SAFE_INTEGER} of the currency's smallest unit`);
  }
}
