import { Module } from '@nestjs/common';

/** The write side of payment. */
@Module({})
export class PaymentCommandModule {}
