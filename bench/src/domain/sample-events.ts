import type { EventHeaders, EventToAppend, JsonObject } from '@gesta/core';
import { randomUUID } from 'node:crypto';
import { LINE_ADDED, PLACED } from './order-events.js';

/** The id of the n-th order. */
export function orderIdOf(n: number): string {
  return `order${String(n).padStart(9, '0')}`;
}

/** The stream of the n-th order. */
export function orderStreamOf(n: number): string {
  return `bench.order-${orderIdOf(n)}`;
}

/** The event at a revision of the n-th order: placed first, then one line after another. About 230 bytes of JSON. */
export function orderEvent(n: number, revision: number): { type: string; data: JsonObject } {
  const orderId = orderIdOf(n);
  if (revision === 0) {
    return {
      type: PLACED,
      data: {
        orderId,
        customerId: `customer${n % 5_000}`,
        currency: 'EUR',
        deliverTo: { street: `Lange Straße ${n % 300}`, city: 'Bremen', postcode: '28195' },
        placedAt: '2026-11-20T08:30:00.000Z',
      },
    };
  }
  return { type: LINE_ADDED, data: orderLine(orderId, n + revision) };
}

/** A line for an order; another one for another number. */
export function orderLine(orderId: string, number: number) {
  return {
    orderId,
    sku: `SKU-${number % 9_973}-XL`,
    name: 'Pullover, merino wool, dark blue, round neck',
    quantity: 1 + (number % 4),
    unitPrice: 995 + (number % 90) * 100,
    warehouse: `bremen-${number % 7}`,
    addedAt: '2026-11-20T08:31:12.345Z',
  };
}

/** What travels with an event that came from a request. */
export function requestHeaders(n: number): EventHeaders {
  return { correlationId: randomUUID(), userId: `user${n % 5_000}` };
}

/** The same event for either side to append. */
export function orderEventToAppend(n: number, revision: number): EventToAppend {
  return { id: randomUUID(), version: 1, headers: requestHeaders(n), ...orderEvent(n, revision) };
}
