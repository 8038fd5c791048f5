import { Random } from './random.js';

export interface OrderLine {
  readonly sku: string;
  readonly quantity: number;
  readonly unitPrice: { readonly amount: number; readonly currency: string };
}

/** One customer's errand. */
export interface Errand {
  readonly key: string;
  readonly customerId: string;
  readonly lines: readonly OrderLine[];
  /** Whether the customer changes their mind as soon as the order is placed. */
  readonly cancels: boolean;
  /** Whether the request is sent twice, as by an impatient click or a lost answer. */
  readonly repeats: boolean;
}

export interface Traffic {
  /** What each shop puts on its shelves beforehand, by sku. */
  readonly shelves: ReadonlyMap<string, number>;
  readonly errands: readonly Errand[];
}

/**
 * A market day by its seed: favourites and slow sellers, baskets of one to four goods, shelves that do not suffice for
 * everybody, customers who cancel and customers who click twice.
 * @param run sets this day's goods and customers apart from those of other days in the same marketplace
 */
export function marketDay(orders: number, seed: number, run: string): Traffic {
  const random = new Random(seed);
  const goods = Array.from({ length: Math.min(200, Math.max(5, Math.ceil(orders / 20))) }, (_, index) => ({
    sku: `${run}-sku-${index + 1}`,
    price: random.integer(99, 19_999),
  }));
  const customers = Array.from(
    { length: Math.max(3, Math.ceil(orders / 4)) },
    (_, index) => `${run}-customer-${index + 1}`,
  );

  const wanted = new Map<string, number>();
  const errands = Array.from({ length: orders }, (_, index): Errand => {
    const basket = new Set<(typeof goods)[number]>();
    for (let lines = random.integer(1, 4); lines > 0; lines--) basket.add(random.favourite(goods));
    const lines = [...basket].map(({ sku, price }) => {
      const quantity = random.integer(1, 5);
      wanted.set(sku, (wanted.get(sku) ?? 0) + quantity);
      return { sku, quantity, unitPrice: { amount: price, currency: 'EUR' } };
    });
    const customerId = random.favourite(customers);
    return {
      key: `${run}-order-${index + 1}`,
      customerId,
      lines,
      cancels: random.chance(0.05),
      repeats: random.chance(0.05),
    };
  });

  // Most goods suffice; every fourth one runs out.
  const shelves = new Map(
    [...wanted].map(([sku, quantity], index) => [
      sku,
      Math.max(1, Math.ceil(quantity * (index % 4 === 3 ? 0.6 : 1.1))),
    ]),
  );
  return { shelves, errands };
}
