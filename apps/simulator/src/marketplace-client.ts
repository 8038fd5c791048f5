import { setTimeout as delay } from 'node:timers/promises';
import type { Errand } from './traffic.js';

export interface Order {
  readonly orderId: string;
  readonly status: 'placed' | 'confirmed' | 'rejected' | 'cancelled';
  readonly lines: readonly { readonly sku: string; readonly quantity: number }[];
}

export interface StockLevel {
  readonly sku: string;
  readonly onHand: number;
  readonly reserved: number;
  readonly available: number;
}

/** The marketplace answered with what it should not have answered, or did not answer at all for too long. */
export class UnexpectedAnswer extends Error {
  override readonly name = 'UnexpectedAnswer';

  /** @param status what it answered; `undefined` where it was given up on */
  constructor(
    message: string,
    readonly status?: number,
  ) {
    super(message);
  }
}

/** How long one request is tried again while the marketplace is away or says 503, in milliseconds. */
const PATIENCE_MS = 60_000;

export interface ClientOptions {
  /** How long one request is tried again while the marketplace is away or says 503, in milliseconds; 60,000 when absent. */
  readonly patienceMs?: number;
  /** Hears of every try that came to nothing and will be tried again. */
  readonly refused?: (problem: string) => void;
}

/** The marketplace as its customers use it: over HTTP, with patience, and with a key on whatever must not happen twice. */
export class MarketplaceClient {
  /** How long each accepted order took to be placed, in milliseconds. */
  readonly placingTimes: number[] = [];

  /** @param url where it is; a function is asked at every try, and may name another of its processes each time */
  constructor(
    private readonly url: string | (() => string),
    private readonly options: ClientOptions = {},
  ) {}

  /**
   * Waits until the marketplace says that it is ready.
   * @throws {UnexpectedAnswer} when it has not within the time given
   */
  async waitUntilReady(timeoutMs: number): Promise<void> {
    const until = performance.now() + timeoutMs;
    for (;;) {
      const url = this.address();
      const status = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(timeoutMs) }).then(
        (response) => response.status,
        () => undefined,
      );
      if (status === 200) return;
      if (performance.now() > until) {
        throw new UnexpectedAnswer(
          status === undefined
            ? `No marketplace answers at ${url}. Start one with: npm start`
            : `The marketplace at ${url} is not ready: /health/ready says ${status}.`,
        );
      }
      await delay(100);
    }
  }

  async receiveStock(sku: string, quantity: number, key: string): Promise<void> {
    await this.request(
      'POST',
      `/api/inventory/items/${encodeURIComponent(sku)}/receipts`,
      { body: { quantity }, key },
      [201],
    );
  }

  /** @param orderId the order's id, where the customer chooses it */
  async placeOrder(
    { key, customerId, lines }: Errand,
    orderId?: string,
  ): Promise<{ orderId: string; position: string }> {
    const began = performance.now();
    const order = { orderId, customerId, lines };
    const { body } = await this.request('POST', '/api/ordering/orders', { body: order, key }, [201]);
    this.placingTimes.push(performance.now() - began);
    return body as { orderId: string; position: string };
  }

  /** Whether the cancellation came in time. */
  async cancelOrder(orderId: string): Promise<boolean> {
    const path = `/api/ordering/orders/${encodeURIComponent(orderId)}/cancel`;
    const { status } = await this.request('POST', path, { body: { reason: 'changed my mind' } }, [200, 201, 202, 409]);
    return status !== 409;
  }

  /** The order, once the read model has reached the position. */
  async order(orderId: string, after?: string): Promise<Order | undefined> {
    const path = `/api/ordering/orders/${encodeURIComponent(orderId)}${after === undefined ? '' : `?after=${after}`}`;
    const { status, body } = await this.request('GET', path, {}, [200, 404]);
    return status === 200 ? (body as Order) : undefined;
  }

  /** How many orders the customer has placed. */
  async countOrders(customerId: string): Promise<number> {
    let count = 0;
    for (let cursor: string | undefined; ;) {
      const query = new URLSearchParams({ customerId, limit: '200', ...(cursor !== undefined && { cursor }) });
      const { body } = await this.request('GET', `/api/ordering/orders?${query}`, {}, [200]);
      const { items, next } = body as { items: unknown[]; next?: string };
      count += items.length;
      if (next === undefined) return count;
      cursor = next;
    }
  }

  /** How much of the item there is; `undefined` where it is not known. */
  async stockLevel(sku: string): Promise<StockLevel | undefined> {
    const path = `/api/inventory/items/${encodeURIComponent(sku)}`;
    const { status, body } = await this.request('GET', path, {}, [200, 404]);
    return status === 200 ? (body as StockLevel) : undefined;
  }

  private async request(
    method: string,
    path: string,
    { body, key }: { body?: unknown; key?: string },
    expected: readonly number[],
  ): Promise<{ status: number; body: unknown }> {
    const headers: Record<string, string> = { accept: 'application/json' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    if (key !== undefined) headers['idempotency-key'] = key;
    const { patienceMs = PATIENCE_MS, refused } = this.options;
    const until = performance.now() + patienceMs;
    for (let attempt = 1; ; attempt++) {
      let problem: string;
      try {
        const response = await fetch(this.address() + path, {
          method,
          headers,
          body: body === undefined ? null : JSON.stringify(body),
          signal: AbortSignal.timeout(15_000),
        });
        const text = await response.text();
        if (expected.includes(response.status))
          return { status: response.status, body: text === '' ? undefined : JSON.parse(text) };
        problem = `${response.status} ${text.slice(0, 500)}`;
        if (response.status !== 503) throw new UnexpectedAnswer(`${method} ${path}: ${problem}`, response.status);
      } catch (error) {
        if (error instanceof UnexpectedAnswer) throw error;
        const { message, cause } = error as Error;
        problem = cause instanceof Error && cause.message ? `${message}: ${cause.message}` : message;
      }
      if (performance.now() > until)
        throw new UnexpectedAnswer(`${method} ${path}: gave up after ${attempt} tries: ${problem}`);
      refused?.(problem);
      await delay(Math.min(1_000, 50 * 2 ** attempt));
    }
  }

  private address(): string {
    return typeof this.url === 'string' ? this.url : this.url();
  }
}
