import type { RecordedEvent } from '@gesta/core';
import type { Ledger } from '../ledger.js';

/** What one order has of one item. */
interface Holding {
  held: number;
  sold: number;
}

/** The stock as the log tells it, kept beside the marketplace's own books. */
export class StockAudit {
  private readonly received = new Map<string, number[]>();
  /** By sku and order. */
  private readonly holdings = new Map<string, Map<string, Holding>>();

  /** @param event of an item's stream */
  took({ type, data }: RecordedEvent): void {
    const { sku, orderId, quantity } = data as { sku: string; orderId: string; quantity: number };
    const what = type.slice('inventory.'.length);
    if (what === 'stock-received') {
      this.received.set(sku, [...(this.received.get(sku) ?? []), quantity]);
      return;
    }
    const holding = this.holding(sku, orderId);
    if (what === 'stock-reserved') holding.held += quantity;
    else if (what === 'stock-committed') {
      holding.held -= quantity;
      holding.sold += quantity;
    } else if (what === 'stock-returned') holding.sold -= quantity;
    else holding.held -= quantity; // released, or expired
  }

  /**
   * @param acknowledged units received, by sku
   * @param endOf how an order ended
   */
  close(
    acknowledged: ReadonlyMap<string, number>,
    endOf: (orderId: string) => string | undefined,
    ledger: Ledger,
  ): void {
    for (const [sku, quantity] of acknowledged) {
      const receipts = this.received.get(sku) ?? [];
      if (receipts.length === 0) ledger.wrong('lost', `${quantity} of ${sku} were received and are not in the log`);
      else if (receipts.length > 1) ledger.wrong('doubled', `${sku} was received ${receipts.length} times`);
    }
    for (const [sku, orders] of this.holdings) {
      let sold = 0;
      for (const [orderId, holding] of orders) {
        sold += holding.sold;
        if (holding.held !== 0) ledger.wrong('stuck', `${holding.held} of ${sku} are held for order ${orderId}`);
        const bought = endOf(orderId) === 'confirmed';
        if (holding.sold < 0 || (!bought && holding.sold > 0)) {
          ledger.wrong('stuck', `${holding.sold} of ${sku} are sold to order ${orderId}, which is ${endOf(orderId)}`);
        }
        if (bought && holding.sold === 0) ledger.wrong('lost', `order ${orderId} is confirmed and has no ${sku}`);
      }
      const received = (this.received.get(sku) ?? []).reduce((sum, each) => sum + each, 0);
      if (sold > received) ledger.wrong('doubled', `${sold} of ${sku} were sold, of ${received}`);
    }
  }

  private holding(sku: string, orderId: string): Holding {
    let orders = this.holdings.get(sku);
    if (!orders) this.holdings.set(sku, (orders = new Map()));
    let holding = orders.get(orderId);
    if (!holding) orders.set(orderId, (holding = { held: 0, sold: 0 }));
    return holding;
  }
}
