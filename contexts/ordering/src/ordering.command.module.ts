import { GestaModule } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { Order } from './domain/order.js';
import { OrderCommandsController } from './http/order-commands.controller.js';
import { OrderFulfilment } from './processes/order-fulfilment.process.js';

/** The write side of ordering: decides on orders and sees them through. */
@Module({
  imports: [GestaModule.forFeature([Order])],
  providers: [OrderFulfilment],
  controllers: [OrderCommandsController],
})
export class OrderingCommandModule {}
