import { GestaModule } from '@gesta/nestjs';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { PaymentCallbacks } from './callbacks/payment-callbacks.js';
import { Payment } from './domain/payment.js';
import { PaymentCallbacksController } from './http/payment-callbacks.controller.js';
import { PaymentRequests } from './processes/payment-requests.reactor.js';
import { UnknownOutcomes } from './processes/unknown-outcomes.process.js';
import { openProvider } from './provider/open-provider.js';
import { PAYMENT_PROVIDER, type PaymentProvider } from './provider/payment-provider.js';
import { PAYMENT_SETTINGS, paymentSettings } from './provider/payment-settings.js';
import { SimulatedProvider } from './provider/simulated/simulated-provider.js';

/** The write side of payment: decides on payments and asks the provider. */
@Module({
  imports: [GestaModule.forFeature([Payment])],
  providers: [
    { provide: PAYMENT_SETTINGS, useFactory: () => paymentSettings(process.env) },
    { provide: PAYMENT_PROVIDER, useFactory: openProvider, inject: [PAYMENT_SETTINGS, PaymentCallbacks] },
    PaymentCallbacks,
    PaymentRequests,
    UnknownOutcomes,
  ],
  controllers: [PaymentCallbacksController],
})
export class PaymentCommandModule implements OnModuleDestroy {
  constructor(@Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider) {}

  async onModuleDestroy(): Promise<void> {
    if (this.provider instanceof SimulatedProvider) await this.provider.close();
  }
}
