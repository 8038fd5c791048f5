import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { PaymentCommandModule } from '@marketplace/payment';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The write side of payment: handles its commands and runs its process managers. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, PaymentCommandModule] })
class PaymentCommandService {}

await runService({ name: 'payment-command', module: PaymentCommandService, defaultPort: 3007 });
