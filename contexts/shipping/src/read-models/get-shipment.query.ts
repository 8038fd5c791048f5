import type { ReadModel } from '@gesta/core';
import { InjectReadModel } from '@gesta/nestjs';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { Shipments, type OrderShipment } from './shipment.projection.js';

/** Where are an order's goods? `undefined` where none were to be sent. */
export class GetShipment extends Query<OrderShipment | undefined> {
  /** @param after the answer knows everything up to this position */
  constructor(
    readonly orderId: string,
    readonly after?: bigint,
  ) {
    super();
  }
}

@QueryHandler(GetShipment)
export class GetShipmentHandler implements IQueryHandler<GetShipment> {
  constructor(@InjectReadModel(Shipments) private readonly shipments: ReadModel<OrderShipment>) {}

  async execute({ orderId, after }: GetShipment): Promise<OrderShipment | undefined> {
    if (after !== undefined) await this.shipments.waitFor(after);
    return this.shipments.findById(orderId);
  }
}
