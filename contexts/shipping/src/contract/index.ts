/** What other contexts may know of shipping: the commands it takes and the events it publishes. */
export { ParcelLine } from './parcel-line.js';
export { CancelShipment, FetchBack, ReplaceParcel, ScheduleShipment } from './shipment-commands.js';
export {
  ParcelDelivered,
  ParcelDispatched,
  ParcelLost,
  ParcelReturned,
  ShipmentCancelled,
  ShipmentScheduled,
} from './shipment-events.js';
