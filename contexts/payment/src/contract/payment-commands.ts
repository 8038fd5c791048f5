import { Command, type DataOf } from '@gesta/core';
import { IsIdentifier, IsMoney, type Money } from '@marketplace/values';
import { IsCardToken } from './card-token.js';

/**
 * Holds an amount for an order on the customer's card: `PaymentAuthorised` or `PaymentDeclined`, once the provider's answer
 * is known. Asked again for the same, nothing more happens. Refused as `PaymentDiffers` where it is for another amount or with
 * another token.
 */
@Command('payment.authorise-payment')
export class AuthorisePayment {
  @IsIdentifier() readonly orderId!: string;
  @IsMoney() readonly amount!: Money;
  @IsCardToken() readonly token!: string;

  constructor(fields: DataOf<AuthorisePayment>) {
    Object.assign(this, fields);
  }
}

/**
 * Takes the amount that is held: `PaymentCaptured`, or `PaymentDeclined` where the provider does not let go of it. Refused as
 * `NothingAuthorised`, also where a void was asked for before.
 */
@Command('payment.capture-payment')
export class CapturePayment {
  @IsIdentifier() readonly orderId!: string;

  constructor(fields: DataOf<CapturePayment>) {
    Object.assign(this, fields);
  }
}

/**
 * Lets the amount that is held go: `PaymentVoided`. Where the provider's answer is still awaited, as soon as it is known: then
 * `PaymentDeclined` is all that follows where it is no. Refused as `AlreadyCaptured`, also where a capture was asked for before
 * (then it can be given back), or as `NothingAuthorised` where nothing is held and nothing awaited.
 */
@Command('payment.void-payment')
export class VoidPayment {
  @IsIdentifier() readonly orderId!: string;

  constructor(fields: DataOf<VoidPayment>) {
    Object.assign(this, fields);
  }
}

/**
 * Gives back what was captured, or a part: `PaymentRefunded`, or `RefundDeclined`. While the answer to a capture is awaited, as
 * soon as it is known. Each `refundId` is given back once. Refused as `NothingCaptured`, `RefundTooLarge` or `RefundDiffers`.
 */
@Command('payment.refund-payment')
export class RefundPayment {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly refundId!: string;
  @IsMoney() readonly amount!: Money;

  constructor(fields: DataOf<RefundPayment>) {
    Object.assign(this, fields);
  }
}
