import { Event } from '@gesta/core';
import { IsIdentifier } from '@marketplace/values';

/** Somebody signed up. */
@Event('customers.customer-registered')
export class CustomerRegistered {
  @IsIdentifier() readonly customerId!: string;
}

/** A customer asked to be forgotten: nothing about the person can be read any more. */
@Event('customers.customer-forgotten')
export class CustomerForgotten {
  @IsIdentifier() readonly customerId!: string;
}
