import { Module } from '@nestjs/common';

/** The write side of shipping. */
@Module({})
export class ShippingCommandModule {}
