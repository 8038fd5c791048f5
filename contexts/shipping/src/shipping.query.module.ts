import { Module } from '@nestjs/common';
import { ShipmentsController } from './http/shipments.controller.js';
import { GetShipmentHandler } from './read-models/get-shipment.query.js';
import { Shipments } from './read-models/shipment.projection.js';

/** The read side of shipping: tells where parcels are. */
@Module({ providers: [Shipments, GetShipmentHandler], controllers: [ShipmentsController] })
export class ShippingQueryModule {}
