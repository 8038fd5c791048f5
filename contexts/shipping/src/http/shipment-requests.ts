import { IDENTIFIER, IsIdentifier } from '@marketplace/values';
import { ApiProperty } from '@nestjs/swagger';

/** Names an order in a path. */
export class ShipmentParams {
  @ApiProperty({ description: 'The order', pattern: IDENTIFIER.source, example: 'order-2041' })
  @IsIdentifier()
  readonly orderId!: string;
}

/** Names a parcel in a path. */
export class ParcelParams extends ShipmentParams {
  @ApiProperty({ description: 'The parcel, unique within its order', pattern: IDENTIFIER.source, example: 'parcel-1' })
  @IsIdentifier()
  readonly parcelId!: string;
}
