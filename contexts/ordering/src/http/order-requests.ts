import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { IDENTIFIER, IsIdentifier } from '@marketplace/values';
import { IsOrderLines, type OrderLine } from '../contract/order-line.js';
import { HasTotal } from '../domain/order-total.js';
import type { OrderSelection } from '../read-models/list-orders.query.js';
import { IsOrderCursor } from '../read-models/order-cursor.js';
import { ORDER_STATUSES, type OrderStatus } from '../read-models/order-summary.projection.js';
import { OrderLineView } from './order-views.js';

export class PlaceOrderRequest {
  @ApiPropertyOptional({ description: 'Yours to choose; made up when absent', pattern: IDENTIFIER.source })
  @IsOptional()
  @IsIdentifier()
  readonly orderId?: string;

  @ApiProperty({ pattern: IDENTIFIER.source, example: 'ada' })
  @IsIdentifier()
  readonly customerId!: string;

  @ApiProperty({
    description: 'One line for each sku, all in one currency',
    type: [OrderLineView],
    minItems: 1,
    maxItems: 100,
  })
  @IsOrderLines()
  @HasTotal()
  readonly lines!: readonly OrderLine[];
}

export class CancelOrderRequest {
  @ApiPropertyOptional({ description: 'Why', maxLength: 500, example: 'Changed my mind' })
  @IsOptional()
  @IsString()
  @MaxLength(500)
  readonly reason?: string;
}

/** Names an order in a path. */
export class OrderParams {
  @ApiProperty({ description: 'The order', pattern: IDENTIFIER.source, example: 'order-2041' })
  @IsIdentifier()
  readonly orderId!: string;
}

/** Names a customer in a path. */
export class CustomerParams {
  @ApiProperty({ description: 'The customer', pattern: IDENTIFIER.source, example: 'ada' })
  @IsIdentifier()
  readonly customerId!: string;
}

export class ListOrdersRequest implements OrderSelection {
  @ApiPropertyOptional({ description: 'Only orders of this customer', pattern: IDENTIFIER.source })
  @IsOptional()
  @IsIdentifier()
  readonly customerId?: string;

  @ApiPropertyOptional({ description: 'Only orders that stand so', enum: ORDER_STATUSES })
  @IsOptional()
  @IsIn(ORDER_STATUSES)
  readonly status?: OrderStatus;

  @ApiPropertyOptional({ description: 'How many at most', type: 'integer', minimum: 1, maximum: 200, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  readonly limit: number = 50;

  @ApiPropertyOptional({ description: 'The `next` of the page before' })
  @IsOptional()
  @IsOrderCursor()
  readonly cursor?: string;
}
