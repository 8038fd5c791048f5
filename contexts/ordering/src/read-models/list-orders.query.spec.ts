import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  aggregateDefinition,
  Gesta,
  MemoryDocumentStore,
  MemoryEventStore,
  projectionDefinition,
  type CommandResult,
} from '@gesta/core';
import { CancelOrder, PlaceOrder } from '../domain/order-commands.js';
import { Order } from '../domain/order.js';
import { ListOrders, ListOrdersHandler, type OrderSelection } from './list-orders.query.js';
import { OrderSummaries, type OrderSummaryDocument } from './order-summary.projection.js';

const lines = [{ sku: 'chair', quantity: 1, unitPrice: { amount: 100, currency: 'EUR' } }];

describe('ListOrders', () => {
  let gesta: Gesta;
  let time = 0;

  beforeEach(async () => {
    gesta = await Gesta.open({
      // The clock goes backwards: the order of a list has nothing to do with it.
      events: new MemoryEventStore({ now: () => new Date(2_000_000_000_000 - time++) }),
      documents: new MemoryDocumentStore(),
      aggregates: [aggregateDefinition(Order)],
      projections: [
        { projectionClass: OrderSummaries, definition: projectionDefinition(OrderSummaries, new OrderSummaries()) },
      ],
    });
    gesta.start();
  });
  afterEach(() => gesta.stop());

  const place = (orderId: string, customerId = 'ada') =>
    gesta.repository(Order).transact(orderId, (order) => order.place(new PlaceOrder({ orderId, customerId, lines })));
  const cancel = (orderId: string) =>
    gesta.repository(Order).transact(orderId, (order) => order.cancel(new CancelOrder({ orderId })));

  async function pageAfter({ position }: CommandResult, selection: Partial<OrderSelection>) {
    const summaries = gesta.readModel<OrderSummaryDocument>(OrderSummaries);
    await summaries.waitFor(position);
    const { items, next } = await new ListOrdersHandler(summaries).execute(new ListOrders({ limit: 50, ...selection }));
    return { orderIds: items.map(({ orderId }) => orderId), next, items };
  }

  it('lists the newest order first', async () => {
    await place('a');
    await place('b');
    const { orderIds, next, items } = await pageAfter(await place('c'), {});
    expect(orderIds).toEqual(['c', 'b', 'a']);
    expect(next).toBeUndefined();
    expect(items[0]).not.toHaveProperty('placedPosition');
  });

  it('leads from page to page, whatever is placed in between', async () => {
    for (const orderId of ['a', 'b', 'c', 'd']) await place(orderId);
    const first = await pageAfter(await place('e'), { limit: 2 });
    expect(first.orderIds).toEqual(['e', 'd']);
    const second = await pageAfter(await place('f'), { limit: 2, cursor: first.next! });
    expect(second.orderIds).toEqual(['c', 'b']);
    const third = await pageAfter(await place('g'), { limit: 2, cursor: second.next! });
    expect(third).toMatchObject({ orderIds: ['a'], next: undefined });
  });

  it('has no next page when the last one is full', async () => {
    await place('a');
    expect(await pageAfter(await place('b'), { limit: 2 })).toMatchObject({ orderIds: ['b', 'a'], next: undefined });
  });

  it('selects by customer and by status', async () => {
    await place('a');
    await place('b', 'bob');
    await place('c');
    const end = await cancel('c');
    expect((await pageAfter(end, { customerId: 'ada' })).orderIds).toEqual(['c', 'a']);
    expect((await pageAfter(end, { status: 'cancelled' })).orderIds).toEqual(['c']);
    expect((await pageAfter(end, { customerId: 'bob', status: 'cancelled' })).orderIds).toEqual([]);
  });
});
