import { ConfigurationError, GestaModule } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { Carrier } from './carrier/carrier.js';
import { SimulatedCarrier } from './carrier/simulated-carrier.js';
import { SIMULATED_PROBLEMS } from './carrier/simulated-times.js';
import { Shipment } from './domain/shipment.js';
import { ParcelDispatchesController } from './http/parcel-dispatches.controller.js';
import { Carriage } from './processes/carriage.reactor.js';
import { Packing } from './processes/packing.process.js';
import { ParcelsUnderWay } from './read-models/parcels-under-way.projection.js';

/** The write side of shipping: decides on parcels, has them packed and talks to the carrier. */
@Module({
  imports: [GestaModule.forFeature([Shipment])],
  providers: [
    Packing,
    Carriage,
    ParcelsUnderWay,
    SimulatedCarrier,
    { provide: Carrier, useExisting: SimulatedCarrier },
  ],
  controllers: [ParcelDispatchesController],
})
export class ShippingCommandModule {
  /** @throws {ConfigurationError} with every variable that cannot be used */
  constructor() {
    if (SIMULATED_PROBLEMS.length > 0) throw new ConfigurationError(SIMULATED_PROBLEMS);
  }
}
