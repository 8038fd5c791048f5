import { Module } from '@nestjs/common';
import { PaymentsController } from './http/payments.controller.js';
import { GetPaymentHandler } from './read-models/get-payment.query.js';
import { PaymentViews } from './read-models/payment-view.projection.js';

/** The read side of payment: tells how payments stand. */
@Module({
  providers: [PaymentViews, GetPaymentHandler],
  controllers: [PaymentsController],
})
export class PaymentQueryModule {}
