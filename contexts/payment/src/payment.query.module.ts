import { Module } from '@nestjs/common';

/** The read side of payment. */
@Module({})
export class PaymentQueryModule {}
