import { Module } from '@nestjs/common';

/** The write side of customers. */
@Module({})
export class CustomersCommandModule {}
