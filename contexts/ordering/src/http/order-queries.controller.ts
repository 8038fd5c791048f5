import { ParsePositionPipe } from '@gesta/nestjs';
import { Controller, Get, NotFoundException, Param, Query } from '@nestjs/common';
import { QueryBus } from '@nestjs/cqrs';
import {
  ApiBadRequestResponse,
  ApiNotFoundResponse,
  ApiOkResponse,
  ApiOperation,
  ApiQuery,
  ApiTags,
} from '@nestjs/swagger';
import { GetCustomerOrders } from '../read-models/get-customer-orders.query.js';
import { GetOrder } from '../read-models/get-order.query.js';
import { ListOrders } from '../read-models/list-orders.query.js';
import { CustomerParams, ListOrdersRequest, OrderParams } from './order-requests.js';
import { CustomerOrdersView, OrderPageView, OrderView } from './order-views.js';

const AFTER = {
  name: 'after',
  type: String,
  required: false,
  description: 'Answer once everything up to this position is in',
};

@ApiTags('ordering')
@ApiBadRequestResponse({ description: 'Problem details with every violated field' })
@Controller('api/ordering')
export class OrderQueriesController {
  constructor(private readonly queries: QueryBus) {}

  @Get('orders')
  @ApiOperation({ summary: 'Orders, newest first' })
  @ApiOkResponse({ type: OrderPageView })
  list(@Query() selection: ListOrdersRequest): Promise<OrderPageView> {
    return this.queries.execute(new ListOrders(selection));
  }

  @Get('orders/:orderId')
  @ApiOperation({ summary: 'How an order stands' })
  @ApiQuery(AFTER)
  @ApiOkResponse({ type: OrderView })
  @ApiNotFoundResponse({ description: 'There is no such order' })
  async order(
    @Param() { orderId }: OrderParams,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<OrderView> {
    const order = await this.queries.execute(new GetOrder(orderId, after));
    if (!order) throw new NotFoundException(`There is no order '${orderId}'`);
    return order;
  }

  @Get('customers/:customerId')
  @ApiOperation({ summary: 'What a customer has ordered so far' })
  @ApiQuery(AFTER)
  @ApiOkResponse({ type: CustomerOrdersView })
  @ApiNotFoundResponse({ description: 'They never ordered' })
  async customer(
    @Param() { customerId }: CustomerParams,
    @Query('after', new ParsePositionPipe({ optional: true })) after?: bigint,
  ): Promise<CustomerOrdersView> {
    const orders = await this.queries.execute(new GetCustomerOrders(customerId, after));
    if (!orders) throw new NotFoundException(`Customer '${customerId}' has not ordered yet`);
    return orders;
  }
}
