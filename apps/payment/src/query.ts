import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { PaymentQueryModule } from '@marketplace/payment';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The read side of payment: owns its projections and answers its queries. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, PaymentQueryModule] })
class PaymentQueryService {}

await runService({ name: 'payment-query', module: PaymentQueryService, defaultPort: 3008 });
