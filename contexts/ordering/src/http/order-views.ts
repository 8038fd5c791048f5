import { ApiProperty, ApiPropertyOptional, ApiSchema } from '@nestjs/swagger';
import { IDENTIFIER, type Money } from '@marketplace/values';
import type { OrderLine } from '../contract/order-line.js';
import { LATEST_ORDERS, type CustomerOrders, type Sum } from '../read-models/customer-orders.projection.js';
import type { OrderPage } from '../read-models/list-orders.query.js';
import { ORDER_STATUSES, type OrderStatus, type OrderSummary } from '../read-models/order-summary.projection.js';

// What is answered, as the API's documentation shows it.

@ApiSchema({ name: 'Money' })
export class MoneyView implements Money {
  @ApiProperty({
    description: "In the currency's smallest unit",
    type: 'integer',
    minimum: 0,
    maximum: Number.MAX_SAFE_INTEGER,
    example: 1999,
  })
  readonly amount!: number;

  @ApiProperty({ description: 'ISO 4217', pattern: '^[A-Z]{3}$', example: 'EUR' })
  readonly currency!: string;
}

@ApiSchema({ name: 'OrderLine' })
export class OrderLineView implements OrderLine {
  @ApiProperty({ pattern: IDENTIFIER.source, example: 'chair-oak' })
  readonly sku!: string;

  @ApiProperty({ type: 'integer', minimum: 1, maximum: 1_000_000, example: 2 })
  readonly quantity!: number;

  @ApiProperty({ type: MoneyView })
  readonly unitPrice!: MoneyView;
}

/** The answer to a command. */
export class OrderReceipt {
  @ApiProperty({ example: 'order-2041' })
  readonly orderId!: string;

  @ApiProperty({ description: 'Where in the log it was recorded; hand it back as `after`', example: '42' })
  readonly position!: string;
}

@ApiSchema({ name: 'Order' })
export class OrderView implements OrderSummary {
  @ApiProperty({ example: 'order-2041' })
  readonly orderId!: string;

  @ApiProperty({ example: 'ada' })
  readonly customerId!: string;

  @ApiProperty({ enum: ORDER_STATUSES, example: 'confirmed' })
  readonly status!: OrderStatus;

  @ApiPropertyOptional({
    description: 'Why it was rejected, or cancelled where the customer said so',
    example: "OutOfStock: 0 of item 'chair-oak' available, 2 asked for",
  })
  readonly reason?: string;

  @ApiProperty({ type: [OrderLineView] })
  readonly lines!: readonly OrderLineView[];

  @ApiProperty({ type: MoneyView })
  readonly total!: MoneyView;

  @ApiProperty({ format: 'date-time', example: '2026-11-20T09:30:00.000Z' })
  readonly placedAt!: string;

  @ApiProperty({ format: 'date-time', example: '2026-11-20T09:30:00.120Z' })
  readonly updatedAt!: string;
}

@ApiSchema({ name: 'OrderPage' })
export class OrderPageView implements OrderPage {
  @ApiProperty({ description: 'Newest first', type: [OrderView] })
  readonly items!: readonly OrderView[];

  @ApiPropertyOptional({
    description: 'Hand it back as `cursor` for the next page; absent on the last one',
    example: 'MDAwMDAwMDAwMDAwMDAwMDAwNDI',
  })
  readonly next?: string;
}

@ApiSchema({ name: 'OrderCounts' })
class OrderCountsView implements Record<OrderStatus, number> {
  @ApiProperty({ type: 'integer', example: 1 })
  readonly placed!: number;

  @ApiProperty({ type: 'integer', example: 12 })
  readonly confirmed!: number;

  @ApiProperty({ type: 'integer', example: 0 })
  readonly rejected!: number;

  @ApiProperty({ type: 'integer', example: 2 })
  readonly cancelled!: number;
}

@ApiSchema({ name: 'Sum' })
class SumView implements Sum {
  @ApiProperty({ description: "In the currency's smallest unit; a text, as it may be any size", example: '25988' })
  readonly amount!: string;

  @ApiProperty({ example: 'EUR' })
  readonly currency!: string;
}

@ApiSchema({ name: 'CustomerOrders' })
export class CustomerOrdersView implements CustomerOrders {
  @ApiProperty({ example: 'ada' })
  readonly customerId!: string;

  @ApiProperty({ description: 'How many orders stand how', type: OrderCountsView })
  readonly orders!: OrderCountsView;

  @ApiProperty({ description: 'What the confirmed orders come to, in each currency', type: [SumView] })
  readonly confirmedTotals!: readonly SumView[];

  @ApiProperty({ description: 'Newest first', type: [String], maxItems: LATEST_ORDERS, example: ['order-2041'] })
  readonly latestOrders!: readonly string[];
}
