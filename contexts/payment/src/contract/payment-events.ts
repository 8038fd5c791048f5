import 'reflect-metadata';
import { Event } from '@gesta/core';
import { IsIdentifier, IsMoney, type Money } from '@marketplace/values';
import { IsString, MaxLength } from 'class-validator';

/** The amount is held on the customer's card. */
@Event('payment.payment-authorised')
export class PaymentAuthorised {
  @IsIdentifier() readonly orderId!: string;
  @IsMoney() readonly amount!: Money;
}

/** The provider said no. */
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
}
