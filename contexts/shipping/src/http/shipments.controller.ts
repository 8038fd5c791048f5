import { ParsePositionPipe } from '@gesta/nestjs';
import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiQuery,
  ApiSchema,
  ApiTags,
} from '@nestjs/swagger';
import { GetShipment } from '../read-models/get-shipment.query.js';
import { PARCEL_STATUSES, type OrderShipment, type ParcelStatus } from '../read-models/shipment.projection.js';
import { ShipmentParams } from './shipment-requests.js';

@ApiSchema({ name: 'ParcelLine' })
class ParcelLineView {
  @ApiProperty({ example: 'chair-oak' })
  readonly sku!: string;

  @ApiProperty({ type: 'integer', minimum: 1, example: 2 })
  readonly quantity!: number;
}

@ApiSchema({ name: 'Parcel' })
class ParcelView {
  @ApiProperty({ description: 'Unique within its order', example: 'parcel-1' })
  readonly parcelId!: string;

  @ApiProperty({ enum: PARCEL_STATUSES, example: 'dispatched' })
  readonly status!: ParcelStatus;

  @ApiProperty({ type: [ParcelLineView] })
  readonly lines!: readonly ParcelLineView[];

  @ApiPropertyOptional({ description: 'The lost parcel that it stands in for', example: 'parcel-1' })
  readonly replaces?: string;
}

@ApiSchema({ name: 'Shipment' })
class ShipmentView implements OrderShipment {
  @ApiProperty({ example: 'order-2041' })
  readonly orderId!: string;

  @ApiProperty({ type: [ParcelView] })
  readonly parcels!: readonly ParcelView[];
}

@ApiTags('shipping')
@Controller('api/shipping/shipments')
export class ShipmentsController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':orderId')
  @ApiOperation({ summary: 'Where the goods of an order are' })
  @ApiQuery({
    name: 'after',
    type: String,
    required: false,
    description: 'Answer once everything up to this position is in',
  })
  @ApiOkResponse({ type: ShipmentView })
  @ApiBadRequestResponse({ description: 'Problem details with every violated field' })
  @ApiNotFoundResponse({ description: 'Nothing of this order is to be sent' })
  async shipment(
    @Param() { orderId }: ShipmentParams,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<ShipmentView> {
    const shipment = await this.queries.execute(new GetShipment(orderId, after));
    if (!shipment) throw new NotFoundException(`There is no shipment of order '${orderId}'`);
    return shipment;
  }
}
