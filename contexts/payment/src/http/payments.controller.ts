import { ParsePositionPipe } from '@gesta/nestjs';
import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiConflictResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiProperty,
  ApiPropertyOptional,
  ApiQuery,
  ApiSchema,
  ApiTags,
} from '@nestjs/swagger';
import { IDENTIFIER, IsIdentifier, type Money } from '@marketplace/values';
import { GetPayment } from '../read-models/get-payment.query.js';
import { PAYMENT_STATUSES, type PaymentStatus, type PaymentView } from '../read-models/payment-view.projection.js';

/** Names an order in a path. */
class PaymentParams {
  @ApiProperty({ description: 'The order', pattern: IDENTIFIER.source, example: 'order-2041' })
  @IsIdentifier()
  readonly orderId!: string;
}

@ApiSchema({ name: 'Amount' })
class AmountView implements Money {
  @ApiProperty({ description: "In the currency's smallest unit", type: 'integer', minimum: 0, example: 1999 })
  readonly amount!: number;

  @ApiProperty({ description: 'ISO 4217', pattern: '^[A-Z]{3}$', example: 'EUR' })
  readonly currency!: string;
}

@ApiSchema({ name: 'Payment' })
class PaymentAnswer implements PaymentView {
  @ApiProperty({ example: 'order-2041' })
  readonly orderId!: string;

  @ApiProperty({ enum: PAYMENT_STATUSES, example: 'captured' })
  readonly status!: PaymentStatus;

  @ApiProperty({ description: 'What was held; it stays when the hold is gone', type: AmountView })
  readonly authorised!: AmountView;

  @ApiProperty({ description: 'What was taken', type: AmountView })
  readonly captured!: AmountView;

  @ApiProperty({ description: 'What was given back of it', type: AmountView })
  readonly refunded!: AmountView;

  @ApiPropertyOptional({ description: 'Why it was declined', example: 'CardDeclined' })
  readonly reason?: string;
}

@ApiTags('payment')
@Controller('api/payment/payments')
export class PaymentsController {
  constructor(private readonly queries: QueryBus) {}

  @Get(':orderId')
  @ApiOperation({ summary: 'How the payment of an order stands' })
  @ApiQuery({
    name: 'after',
    type: String,
    required: false,
    description: 'Answer once everything up to this position is in',
  })
  @ApiOkResponse({ type: PaymentAnswer })
  @ApiBadRequestResponse({ description: 'Problem details with every violated field' })
  @ApiNotFoundResponse({ description: 'No payment was asked for under this order' })
  @ApiConflictResponse({ description: 'The position in `after` is past the end of the log' })
  async payment(
    @Param() { orderId }: PaymentParams,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<PaymentAnswer> {
    const payment = await this.queries.execute(new GetPayment(orderId, after));
    if (!payment) throw new NotFoundException(`There is no payment of order '${orderId}'`);
    return payment;
  }
}
