import { Command, type DataOf } from '@gesta/core';
import { IsIdentifier } from '@marketplace/values';
import { IsIn } from 'class-validator';

/** A parcel is packed and with the carrier: `ParcelDispatched`. Refused as `ShipmentNotFound`, `ParcelNotFound` or `ShipmentCalledOff`. */
@Command('shipping.dispatch-parcel')
export class DispatchParcel {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly parcelId!: string;

  constructor(fields: DataOf<DispatchParcel>) {
    Object.assign(this, fields);
  }
}

/** What a carrier can tell of a parcel. */
export const TRACKED = ['delivered', 'lost', 'returned'] as const;
export type Tracked = (typeof TRACKED)[number];

/**
 * The carrier tells what became of a parcel: `ParcelDelivered`, `ParcelLost` or `ParcelReturned`. Carriers tell late, twice
 * and in any order: what a parcel's end contradicts has no effect. Refused as `ShipmentNotFound` or `ParcelNotFound`.
 */
export class RecordTracking {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly parcelId!: string;
  @IsIn(TRACKED) readonly tracked!: Tracked;

  constructor(fields: DataOf<RecordTracking>) {
    Object.assign(this, fields);
  }
}
