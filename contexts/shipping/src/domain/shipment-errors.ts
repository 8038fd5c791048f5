import { DomainError } from '@gesta/core';

/** Nothing was ever to be sent for the order. */
export class ShipmentNotFound extends DomainError {
  constructor(orderId: string) {
    super(`There is no shipment of order '${orderId}'`);
  }
}

/** The order's goods are on their way, in other parcels than these. */
export class ShipmentDiffers extends DomainError {
  constructor(orderId: string) {
    super(`The shipment of order '${orderId}' is scheduled already, with other goods or to another place`);
  }
}

/** A parcel has left, so the goods cannot stay. */
export class AlreadyDispatched extends DomainError {
  constructor(orderId: string, parcelId: string) {
    super(`'${parcelId}' of order '${orderId}' has left already; have it fetched back`);
  }
}

/** The shipment was called off. */
export class ShipmentCalledOff extends DomainError {
  constructor(orderId: string) {
    super(`The shipment of order '${orderId}' was cancelled`);
  }
}

/** The shipment has no such parcel. */
export class ParcelNotFound extends DomainError {
  constructor(orderId: string, parcelId: string) {
    super(`The shipment of order '${orderId}' has no parcel '${parcelId}'`);
  }
}

/** Only what was lost is sent once more. */
export class ParcelNotLost extends DomainError {
  constructor(orderId: string, parcelId: string, status: string) {
    super(`'${parcelId}' of order '${orderId}' is ${status}, not lost`);
  }
}

/** No parcel is with the carrier or the customer, so none can be fetched. */
export class NothingDispatched extends DomainError {
  constructor(orderId: string) {
    super(`No parcel of order '${orderId}' has left`);
  }
}
