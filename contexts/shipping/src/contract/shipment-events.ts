import 'reflect-metadata';
import { Event } from '@gesta/core';
import { Destination, IsIdentifier } from '@marketplace/values';
import { Type } from 'class-transformer';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsObject, IsOptional, ValidateNested } from 'class-validator';
import { IsParcelLines, type ParcelLine } from './parcel-line.js';

/** A parcel that is to be packed. */
export class ScheduledParcel {
  @IsIdentifier() readonly parcelId!: string;
  @IsParcelLines() readonly lines!: readonly ParcelLine[];
  /** The parcel that was lost and that this one stands in for. */
  @IsOptional() @IsIdentifier() readonly replaces?: string;
}

/** Parcels are to be packed: all those of an order, or one in place of a lost one. */
@Event('shipping.shipment-scheduled')
export class ShipmentScheduled {
  @IsIdentifier() readonly orderId!: string;
  @IsObject() @ValidateNested() @Type(() => Destination) readonly destination!: Destination;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @IsObject({ each: true })
  @ValidateNested({ each: true })
  @Type(() => ScheduledParcel)
  readonly parcels!: readonly ScheduledParcel[];
}

/** No parcel of the order will leave. */
@Event('shipping.shipment-cancelled')
export class ShipmentCancelled {
  @IsIdentifier() readonly orderId!: string;
}

/** A parcel is with the carrier. */
@Event('shipping.parcel-dispatched')
export class ParcelDispatched {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly parcelId!: string;
  @IsParcelLines() readonly lines!: readonly ParcelLine[];
}

/** A parcel is with the customer. */
@Event('shipping.parcel-delivered')
export class ParcelDelivered {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly parcelId!: string;
  @IsParcelLines() readonly lines!: readonly ParcelLine[];
}

/** A parcel is nowhere. It does not turn up any more. */
@Event('shipping.parcel-lost')
export class ParcelLost {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly parcelId!: string;
  @IsParcelLines() readonly lines!: readonly ParcelLine[];
}

/** A parcel has come back: what it held is with us. */
@Event('shipping.parcel-returned')
export class ParcelReturned {
  @IsIdentifier() readonly orderId!: string;
  @IsIdentifier() readonly parcelId!: string;
  @IsParcelLines() readonly lines!: readonly ParcelLine[];
}
