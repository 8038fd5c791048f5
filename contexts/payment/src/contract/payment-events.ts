import 'reflect-metadata';
import { Event } from '@gesta/core';
import { IsIdentifier, IsMoney, type Money } from '@marketplace/values';
import { IsOptional, IsString, MaxLength } from 'class-validator';

/** The amount is held on the customer's card. */
@Event('payment.payment-authorised')
export class PaymentAuthorised {
  @IsIdentifier() readonly orderId!: string;
  @IsMoney() readonly amount!: Money;
  /** What the provider calls it; absent where it was not asked, as for an amount of nothing. */
  @IsOptional() @IsString() @MaxLength(200) readonly reference?: string;
}

/**
 * The provider said no, to the authorisation or, later, to the capture; or it did not say in time whether it authorises. Either
 * way nothing is held any more, or it is being let go.
 */
@Event('payment.payment-declined')
export class PaymentDeclined {
  @IsIdentifier() readonly orderId!: string;
  @IsString() @MaxLength(200) readonly reason!: string;
}

/** The amount is ours. */
@Event('payment.payment-captured')
export class PaymentCaptured {
  @IsIdentifier() readonly orderId!: string;
  @IsMoney() readonly amount!: Money;
  /** What the provider calls it; absent where it was not asked, as for an amount of nothing. */
  @IsOptional() @IsString() @MaxLength(200) readonly reference?: string;
}

/** The amount is not held any more. */
@Event('payment.payment-voided')
export class PaymentVoided {
  @IsIdentifier() readonly orderId!: string;
}

/** An amount was given back. */
@Event('payment.payment-refunded')
export class PaymentRefunded {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly refundId!: string;
  @IsMoney() readonly amount!: Money;
  /** What the provider calls it; absent where it was not asked, as for an amount of nothing. */
  @IsOptional() @IsString() @MaxLength(200) readonly reference?: string;
}

/** An amount that was asked for is not given back: the provider said no, or nothing was captured in the end. */
@Event('payment.refund-declined')
export class RefundDeclined {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly refundId!: string;
  @IsMoney() readonly amount!: Money;
  @IsString() @MaxLength(200) readonly reason!: string;
}
