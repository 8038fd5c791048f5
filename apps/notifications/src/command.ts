import 'reflect-metadata';
import { GestaModule } from '@gesta/nestjs';
import { NotificationsCommandModule } from '@marketplace/notifications';
import { HealthModule, runService, storeAdapters } from '@marketplace/service';
import { Module } from '@nestjs/common';

/** The write side of notifications: handles its commands and runs its process managers. */
@Module({ imports: [GestaModule.forRoot({ adapters: storeAdapters() }), HealthModule, NotificationsCommandModule] })
class NotificationsCommandService {}

await runService({ name: 'notifications-command', module: NotificationsCommandService, defaultPort: 3013 });
