import { Module } from '@nestjs/common';

/** The write side of notifications. */
@Module({})
export class NotificationsCommandModule {}
