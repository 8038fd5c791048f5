import 'reflect-metadata';
import { Command, type DataOf } from '@gesta/core';
import { Destination, IsIdentifier } from '@marketplace/values';
import { Type } from 'class-transformer';
import { IsObject, ValidateNested } from 'class-validator';
import { IsParcelLines, type ParcelLine } from './parcel-line.js';

/** Has an order's goods packed and sent, a parcel for each warehouse: `ShipmentScheduled`. Asked again, nothing more happens. */
@Command('shipping.schedule-shipment')
export class ScheduleShipment {
  @IsIdentifier() readonly orderId!: string;
  @IsObject() @ValidateNested() @Type(() => Destination) readonly destination!: Destination;
  @IsParcelLines() readonly lines!: readonly ParcelLine[];

  constructor(fields: DataOf<ScheduleShipment>) {
    Object.assign(this, fields);
  }
}

/** Keeps an order's goods where they are: `ShipmentCancelled`. Refused as `AlreadyDispatched` once a parcel has left. */
@Command('shipping.cancel-shipment')
export class CancelShipment {
  @IsIdentifier() readonly orderId!: string;

  constructor(fields: DataOf<CancelShipment>) {
    Object.assign(this, fields);
  }
}

/** Sends what was lost once more, in a parcel of its own: `ShipmentScheduled` with that parcel. Refused as `ParcelNotLost`. */
@Command('shipping.replace-parcel')
export class ReplaceParcel {
  @IsIdentifier() readonly orderId!: string;
  /** The parcel that was lost. */
  @IsIdentifier() readonly parcelId!: string;

  constructor(fields: DataOf<ReplaceParcel>) {
    Object.assign(this, fields);
  }
}

/**
 * Has every parcel of an order that is under way or delivered brought back: `ParcelReturned` for each, or `ParcelLost`. Refused as
 * `NothingDispatched`.
 */
@Command('shipping.fetch-back')
export class FetchBack {
  @IsIdentifier() readonly orderId!: string;

  constructor(fields: DataOf<FetchBack>) {
    Object.assign(this, fields);
  }
}
