import { Module } from '@nestjs/common';

/** The read side of shipping. */
@Module({})
export class ShippingQueryModule {}
