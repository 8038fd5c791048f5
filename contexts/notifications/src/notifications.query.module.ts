import { Module } from '@nestjs/common';

/** The read side of notifications. */
@Module({})
export class NotificationsQueryModule {}
