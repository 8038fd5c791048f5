import type { CommandResult } from '@gesta/core';
import { Idempotent } from '@gesta/nestjs';
import { Controller, HttpCode, NotFoundException, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { DispatchParcel } from '../domain/parcel-commands.js';
import { ParcelNotFound, ShipmentNotFound } from '../domain/shipment-errors.js';
import { ParcelParams } from './shipment-requests.js';

class DispatchReceipt {
  @ApiProperty({ example: 'order-2041' })
  readonly orderId!: string;

  @ApiProperty({ example: 'parcel-1' })
  readonly parcelId!: string;

  @ApiProperty({ description: 'Where in the log it is; hand it back as `after`', example: '42' })
  readonly position!: string;
}

@ApiTags('shipping')
@Controller('api/shipping/shipments')
export class ParcelDispatchesController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':orderId/parcels/:parcelId/dispatch')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({ summary: 'Hands a parcel to the carrier', description: 'Handed over twice, it has left once.' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'A repeat under the same key has no effect' })
  @ApiOkResponse({ type: DispatchReceipt })
  @ApiBadRequestResponse({ description: 'Problem details with every violated field' })
  @ApiNotFoundResponse({ description: 'There is no such shipment, or it has no such parcel' })
  @ApiConflictResponse({ description: 'ShipmentCalledOff' })
  async dispatch(@Param() { orderId, parcelId }: ParcelParams): Promise<DispatchReceipt> {
    try {
      const command = new DispatchParcel({ orderId, parcelId });
      const { position } = await this.commands.execute<DispatchParcel, CommandResult>(command);
      return { orderId, parcelId, position: position.toString() };
    } catch (error) {
      if (error instanceof ShipmentNotFound || error instanceof ParcelNotFound)
        throw new NotFoundException(error.message);
      throw error;
    }
  }
}
