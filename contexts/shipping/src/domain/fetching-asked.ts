import { Event } from '@gesta/core';
import { IsIdentifier } from '@marketplace/values';
import { ArrayMaxSize, ArrayMinSize, IsArray } from 'class-validator';

/** The carrier is to bring parcels back. Shipping's own: others hear of what came back. */
@Event('shipping.fetching-asked')
export class FetchingAsked {
  @IsIdentifier() readonly orderId!: string;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(1_000) readonly parcelIds!: readonly string[];
}
