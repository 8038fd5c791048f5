import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { NotificationsQueryModule } from '@marketplace/notifications';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The read side of notifications: owns its projections and answers its queries. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, NotificationsQueryModule] })
class NotificationsQueryService {}

await runService({ name: 'notifications-query', module: NotificationsQueryService, defaultPort: 3014 });
