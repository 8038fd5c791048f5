import { Module } from '@nestjs/common';

/** The read side of customers. */
@Module({})
export class CustomersQueryModule {}
