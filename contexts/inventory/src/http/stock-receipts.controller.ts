import type { CommandResult } from '@gesta/core';
import { Idempotent } from '@gesta/nestjs';
import { Body, Controller, Param, Post } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiOperation,
  ApiProperty,
  ApiTags,
} from '@nestjs/swagger';
import { IsQuantity, MAX_QUANTITY } from '@marketplace/values';
import { ReceiveStock } from '../domain/receive-stock.js';
import { ItemParams } from './item-params.js';

class ReceiveStockRequest {
  @ApiProperty({ description: 'Units that came in', type: 'integer', minimum: 1, maximum: MAX_QUANTITY, example: 10 })
  @IsQuantity()
  readonly quantity!: number;
}

class StockReceipt {
  @ApiProperty({ example: 'chair-oak' })
  readonly sku!: string;

  @ApiProperty({ description: 'Where in the log the receipt is; hand it back as `after`', example: '42' })
  readonly position!: string;
}

@ApiTags('inventory')
@Controller('api/inventory/items')
export class StockReceiptsController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':sku/receipts')
  @Idempotent()
  @ApiOperation({ summary: 'Takes units into stock', description: 'The first receipt makes the item known.' })
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'A repeat under the same key has no effect' })
  @ApiCreatedResponse({ type: StockReceipt })
  @ApiBadRequestResponse({ description: 'Problem details with every violated field' })
  async receive(@Param() { sku }: ItemParams, @Body() { quantity }: ReceiveStockRequest): Promise<StockReceipt> {
    const command = new ReceiveStock({ sku, quantity });
    const { position } = await this.commands.execute<ReceiveStock, CommandResult>(command);
    return { sku, position: position.toString() };
  }
}
