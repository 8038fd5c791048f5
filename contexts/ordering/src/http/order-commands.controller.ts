import type { CommandResult } from '@gesta/core';
import { CommandId, Idempotent, type PlatformResponse } from '@gesta/nestjs';
import { Body, Controller, HttpCode, NotFoundException, Param, Post, Res } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiBody,
  ApiConflictResponse,
  ApiCreatedResponse,
  ApiHeader,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiTags,
} from '@nestjs/swagger';
import { CancelOrder, PlaceOrder } from '../domain/order-commands.js';
import { OrderNotFound } from '../domain/order-errors.js';
import { CancelOrderRequest, OrderParams, PlaceOrderRequest } from './order-requests.js';
import { OrderReceipt } from './order-views.js';

const LINES = [{ sku: 'chair-oak', quantity: 2, unitPrice: { amount: 4_950, currency: 'EUR' } }];
const ORDERS = {
  order: { summary: 'An order', value: { customerId: 'ada', lines: LINES } },
  named: { summary: 'An order whose id is yours', value: { orderId: 'order-2041', customerId: 'ada', lines: LINES } },
};

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  required: false,
  description: 'A repeat under the same key has no effect and is given the first answer',
};

@ApiTags('ordering')
@ApiBadRequestResponse({ description: 'Problem details with every violated field' })
@Controller('api/ordering/orders')
export class OrderCommandsController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Idempotent()
  @ApiOperation({ summary: 'Places an order', description: 'It is confirmed or rejected a moment later.' })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiBody({ type: PlaceOrderRequest, examples: ORDERS })
  @ApiCreatedResponse({
    type: OrderReceipt,
    headers: { Location: { description: 'Where the order is', schema: { type: 'string' } } },
  })
  @ApiConflictResponse({ description: 'OrderAlreadyPlaced' })
  async place(
    @Body() { orderId: chosen, customerId, lines }: PlaceOrderRequest,
    @CommandId() commandId: string,
    @Res({ passthrough: true }) response: PlatformResponse,
  ): Promise<OrderReceipt> {
    const orderId = chosen ?? commandId;
    const receipt = await this.execute(new PlaceOrder({ orderId, customerId, lines }));
    response.header('Location', `/api/ordering/orders/${orderId}`);
    return receipt;
  }

  @Post(':orderId/cancel')
  @HttpCode(200)
  @Idempotent()
  @ApiOperation({
    summary: 'Cancels an order',
    description: 'While it is placed or confirmed; its stock goes back. Cancelled twice, it is cancelled once.',
  })
  @ApiHeader(IDEMPOTENCY_KEY)
  @ApiBody({ type: CancelOrderRequest, required: false })
  @ApiOkResponse({ type: OrderReceipt })
  @ApiNotFoundResponse({ description: 'There is no such order' })
  @ApiConflictResponse({ description: 'OrderAlreadyRejected' })
  async cancel(@Param() { orderId }: OrderParams, @Body() { reason }: CancelOrderRequest = {}): Promise<OrderReceipt> {
    try {
      return await this.execute(new CancelOrder({ orderId, reason }));
    } catch (error) {
      if (error instanceof OrderNotFound) throw new NotFoundException(error.message);
      throw error;
    }
  }

  private async execute(command: PlaceOrder | CancelOrder): Promise<OrderReceipt> {
    const { position } = await this.commands.execute<typeof command, CommandResult>(command);
    return { orderId: command.orderId, position: position.toString() };
  }
}
