import 'reflect-metadata';
import { Event } from '@gesta/core';
import { IsIdentifier, IsMoney, type Money } from '@marketplace/values';
import { IsBoolean, IsIn, IsInt, IsOptional, IsPositive, IsString, MaxLength } from 'class-validator';
import { IsCardToken } from '../contract/card-token.js';
import { IsRequestName, OPERATIONS, type Operation } from './operation.js';

/** The provider is to be asked. Whoever asks it does so under the key, which stays the same for the request. */
@Event('payment.provider-asked')
export class ProviderAsked {
  @IsIdentifier() readonly orderId!: string;
  /** Names what is asked for within the payment: `authorise`, `capture`, `void-1`, `refund-<refundId>`. */
  @IsRequestName() readonly request!: string;
  @IsIn(OPERATIONS) readonly operation!: Operation;
  @IsMoney() readonly amount!: Money;
  /** The how many-th time that the provider is asked the same, from 1. */
  @IsInt() @IsPositive() readonly attempt!: number;
  /** The provider's word for the card, for an authorisation, and for a void of what may never have been authorised. */
  @IsOptional() @IsCardToken() readonly token?: string;
  /** What the provider calls that which is to be captured, voided or refunded. */
  @IsOptional() @IsString() @MaxLength(200) readonly reference?: string;
  /** The key of the first attempt; absent in that one, whose key follows from the event's id. */
  @IsOptional() @IsString() @MaxLength(64) readonly key?: string;
  /** For such a void: the key under which the authorisation was asked for. */
  @IsOptional() @IsString() @MaxLength(64) readonly authorisationKey?: string;
  /** Nobody asks again after this: where the answer stays unknown, an operator has to see to it. */
  @IsOptional() @IsBoolean() readonly last?: boolean;
}

/** The provider was asked, and what came of it is not known: it may have done it or not. */
@Event('payment.outcome-unknown')
export class OutcomeUnknown {
  @IsIdentifier() readonly orderId!: string;
  @IsRequestName() readonly request!: string;
  @IsString() @MaxLength(64) readonly key!: string;
  @IsInt() @IsPositive() readonly attempt!: number;
}

/** A void was asked for before the provider had answered; it follows the answer. */
@Event('payment.void-awaits-answer')
export class VoidAwaitsAnswer {
  @IsIdentifier() readonly orderId!: string;
}

/** A refund was asked for before the provider had answered to the capture; it follows the answer. */
@Event('payment.refund-awaits-capture')
export class RefundAwaitsCapture {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly refundId!: string;
  @IsMoney() readonly amount!: Money;
}

/** The provider has let go of what it held, or held nothing. */
@Event('payment.hold-released')
export class HoldReleased {
  @IsIdentifier() readonly orderId!: string;
  @IsRequestName() readonly request!: string;
}
