import { DomainError } from '@gesta/core';
import type { Money } from '@marketplace/values';

const inWords = ({ amount, currency }: Money) => `${amount} ${currency}`;

/** The order has a payment already, of another amount or with another card. */
export class PaymentDiffers extends DomainError {
  constructor(orderId: string, has: Money, asked: Money) {
    super(
      has.amount === asked.amount && has.currency === asked.currency
        ? `The payment of order '${orderId}' was asked for with another token`
        : `The payment of order '${orderId}' is for ${inWords(has)} and not for ${inWords(asked)}`,
    );
  }
}

/** Nothing is held for the order, so nothing can be captured or let go. */
export class NothingAuthorised extends DomainError {
  constructor(orderId: string) {
    super(`Nothing is held for order '${orderId}'`);
  }
}

/** The amount is ours, or is about to be: it can be given back, and not let go. */
export class AlreadyCaptured extends DomainError {
  constructor(orderId: string) {
    super(`The payment of order '${orderId}' is captured; it can be refunded`);
  }
}

/** Nothing was captured for the order, so nothing can be given back. */
export class NothingCaptured extends DomainError {
  constructor(orderId: string) {
    super(`Nothing was captured for order '${orderId}'`);
  }
}

/** More is to be given back than was captured and is not given back yet. */
export class RefundTooLarge extends DomainError {
  constructor(orderId: string, left: Money, asked: Money) {
    super(`Of the payment of order '${orderId}' ${inWords(left)} can be refunded, ${inWords(asked)} were asked for`);
  }
}

/** The refund was asked for before with another amount, or is in another currency than the payment. */
export class RefundDiffers extends DomainError {
  constructor(orderId: string, refundId: string, has: Money, asked: Money) {
    super(
      has.currency === asked.currency
        ? `Refund '${refundId}' of order '${orderId}' is for ${inWords(has)} and not for ${inWords(asked)}`
        : `The payment of order '${orderId}' is in ${has.currency}, so refund '${refundId}' cannot be in ${asked.currency}`,
    );
  }
}

/** The provider has answered: it need not be asked again. */
export class AnswerKnown extends DomainError {
  constructor(orderId: string, request: string) {
    super(`The provider has answered '${request}' of order '${orderId}'`);
  }
}
