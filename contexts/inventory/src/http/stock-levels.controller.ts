import { ParsePositionPipe } from '@gesta/nestjs';
import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiQuery,
  ApiSchema,
  ApiTags,
} from '@nestjs/swagger';
import { GetStockLevel } from '../read-models/get-stock-level.query.js';
import type { StockLevel } from '../read-models/stock-level.projection.js';
import { ItemParams } from './item-params.js';

@ApiSchema({ name: 'StockLevel' })
class StockLevelView implements StockLevel {
  @ApiProperty({ example: 'chair-oak' })
  readonly sku!: string;

  @ApiProperty({ description: 'Units in the warehouse, held ones included', type: 'integer', example: 10 })
  readonly onHand!: number;

  @ApiProperty({ description: 'Units that are held for orders', type: 'integer', example: 3 })
  readonly reserved!: number;

  @ApiProperty({ description: 'Units that can be reserved', type: 'integer', example: 7 })
  readonly available!: number;
}

@ApiTags('inventory')
@Controller('api/inventory/items')
export class StockLevelsController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':sku')
  @ApiOperation({ summary: 'How much of an item there is' })
  @ApiQuery({
    name: 'after',
    type: String,
    required: false,
    description: 'Answer once everything up to this position is in',
  })
  @ApiOkResponse({ type: StockLevelView })
  @ApiBadRequestResponse({ description: 'Problem details with every violated field' })
  @ApiNotFoundResponse({ description: 'Nothing was ever received under this sku' })
  async level(
    @Param() { sku }: ItemParams,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<StockLevelView> {
    const level = await this.queries.execute(new GetStockLevel(sku, after));
    if (!level) throw new NotFoundException(`There is no item '${sku}'`);
    return level;
  }
}
