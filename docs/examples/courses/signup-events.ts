import { Event } from '@gesta/core';
import { IsString } from 'class-validator';

@Event('courses.signed-up')
export class SignedUp {
  @IsString()
  readonly courseId!: string;
}

@Event('courses.payment-asked')
export class PaymentAsked {}

@Event('courses.signup-paid')
export class SignupPaid {}

@Event('courses.signup-dropped')
export class SignupDropped {
  @IsString()
  readonly reason!: string;
}
