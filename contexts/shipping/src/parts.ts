import { Shipment } from './domain/shipment.js';
import { Carriage } from './processes/carriage.reactor.js';
import { Packing } from './processes/packing.process.js';
import { ParcelsUnderWay } from './read-models/parcels-under-way.projection.js';
import { Shipments } from './read-models/shipment.projection.js';

/** What tools need to know of the context: its classes, without Nest. */
export const aggregates = [Shipment];
export const projections = [Shipments, ParcelsUnderWay];
export const processes = [Packing];
export const reactors = [Carriage];
