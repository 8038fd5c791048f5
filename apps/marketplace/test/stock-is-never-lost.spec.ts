import { describe, expect, it } from '@jest/globals';
import { DomainError } from '@gesta/core';
import fc from 'fast-check';
import { ReceiveStock } from '../../../contexts/inventory/src/domain/receive-stock.js';
import { CancelOrder, PlaceOrder } from '../../../contexts/ordering/src/domain/order-commands.js';
import type { OrderSummary } from '../../../contexts/ordering/src/read-models/order-summary.projection.js';
import { InMemoryMarketplace } from './in-memory-marketplace.js';

/** What people do, in any order: goods come in, customers order and cancel. */
interface Plan {
  readonly receipts: readonly { sku: string; quantity: number }[];
  readonly orders: readonly { sku: string; quantity: number }[][];
  readonly cancellations: readonly number[];
}

// 'constructor' is a sku like any other.
const sku = fc.constantFrom('chair', 'table', 'constructor');
const plan: fc.Arbitrary<Plan> = fc.record({
  receipts: fc.array(fc.record({ sku, quantity: fc.integer({ min: 1, max: 6 }) }), { minLength: 1, maxLength: 5 }),
  orders: fc.array(
    fc.uniqueArray(fc.record({ sku, quantity: fc.integer({ min: 1, max: 4 }) }), {
      selector: (line) => line.sku,
      minLength: 1,
      maxLength: 3,
    }),
    { minLength: 1, maxLength: 4 },
  ),
  cancellations: fc.array(fc.nat({ max: 3 }), { maxLength: 3 }),
});
/** Which of the things that could happen next does: a kind, and one of that kind. */
const fate = fc.array(fc.tuple(fc.nat({ max: 11 }), fc.nat({ max: 999 })), {
  minLength: 50,
  maxLength: 250,
  size: 'max',
});

describe('The marketplace, whatever comes in whatever order', () => {
  it('gives every order an end, keeps nothing reserved, and has sold exactly what confirmed orders hold', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(plan, fate, (planned, choices) => {
        const marketplace = new InMemoryMarketplace();
        play(marketplace, planned, choices);
        const orders = marketplace.orders();

        expect(marketplace.commands).toEqual([]);
        expect(orders.map(({ status }) => status)).not.toContain('placed');
        for (const { sku: item, reserved, onHand } of marketplace.levels()) {
          expect(reserved).toBe(0);
          expect(received(planned, item) - onHand).toBe(sold(orders, item));
        }
        for (const { status, orderId } of orders) {
          const completed = marketplace.followers[0]!.instances.get(orderId)!.state!.completed;
          expect(completed).toBe(status !== 'confirmed'); // a confirmed order may still be cancelled
        }
        for (const { state } of marketplace.followers[1]!.instances.values()) expect(state!.completed).toBe(true);
        for (const { type } of marketplace.log) seen.add(type);
      }),
      { numRuns: 2_000 },
    );
    // Everything that can become of an order or of stock was met on the way.
    expect([...seen].sort()).toEqual([
      'gesta.command-refused',
      'gesta.deadline-due',
      'inventory.reservation-expired',
      'inventory.stock-committed',
      'inventory.stock-received',
      'inventory.stock-released',
      'inventory.stock-reserved',
      'inventory.stock-returned',
      'ordering.order-cancelled',
      'ordering.order-confirmed',
      'ordering.order-placed',
      'ordering.order-rejected',
    ]);
  });
});

/** Lets things happen as fate has it, then everything that is left, until nothing can happen any more. */
function play(marketplace: InMemoryMarketplace, planned: Plan, choices: readonly (readonly [number, number])[]): void {
  const people = deeds(marketplace, planned);
  const { followers, commands } = marketplace;
  const deliveries = () =>
    followers
      .filter(({ given }) => given < marketplace.log.length)
      .map((follower) => () => marketplace.deliver(follower));
  const arrivals = (again: boolean) => commands.map((command) => () => marketplace.arrive(command, { again }));
  const deadlines = () => marketplace.deadlines().map((deadline) => () => marketplace.pass(deadline));

  for (const [kind, which] of choices) {
    if (kind < 2 && people.length > 0) people.splice(which % people.length, 1)[0]!();
    else if (kind < 6) oneOf(deliveries(), which);
    else if (kind < 9) oneOf(arrivals(false), which);
    else if (kind === 9) oneOf(arrivals(true), which);
    else if (kind === 10) oneOf(deadlines(), which);
    else
      for (const follower of followers) if (follower.given > 0) marketplace.deliver(follower, which % follower.given);
    levelsAreSound(marketplace);
  }
  const settle = () => {
    for (let left = true; left;) left = oneOf(deliveries(), 0) || oneOf(arrivals(false), 0);
  };
  for (const deed of people) {
    deed();
    settle();
  }
  for (let left = true; left; left = oneOf(deadlines(), 0)) settle();
  levelsAreSound(marketplace);
}

function deeds(marketplace: InMemoryMarketplace, { receipts, orders, cancellations }: Plan): (() => void)[] {
  return [
    ...receipts.map((receipt) => () => marketplace.execute(new ReceiveStock(receipt))),
    ...orders.map((lines, index) => () => {
      const unitPrice = { amount: 100, currency: 'EUR' };
      const priced = lines.map((line) => ({ ...line, unitPrice }));
      marketplace.execute(new PlaceOrder({ orderId: `order-${index}`, customerId: 'ada', lines: priced }));
    }),
    ...cancellations.map((index) => () => {
      try {
        marketplace.execute(new CancelOrder({ orderId: `order-${index}` }));
      } catch (error) {
        if (!(error instanceof DomainError)) throw error; // not placed yet, or rejected
      }
    }),
  ];
}

/** Lets one of them happen, if there is any. */
function oneOf(happenings: readonly (() => void)[], which: number): boolean {
  happenings[which % happenings.length]?.();
  return happenings.length > 0;
}

function levelsAreSound(marketplace: InMemoryMarketplace): void {
  const unsound = marketplace.levels().filter(({ reserved, onHand }) => reserved < 0 || onHand < reserved);
  if (unsound.length > 0) expect(unsound).toEqual([]);
}

function received({ receipts }: Plan, item: string): number {
  return receipts.filter((receipt) => receipt.sku === item).reduce((sum, { quantity }) => sum + quantity, 0);
}

function sold(orders: readonly OrderSummary[], item: string): number {
  return orders
    .filter(({ status }) => status === 'confirmed')
    .flatMap(({ lines }) => lines)
    .filter((line) => line.sku === item)
    .reduce((sum, { quantity }) => sum + quantity, 0);
}
