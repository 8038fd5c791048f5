import { aggregateDefinition, Gesta, projectionDefinition, type DocumentStore, type EventStore } from '@gesta/core';
import { Order } from '../domain/order.js';
import { OrderSummaries } from '../domain/order-summaries.js';
import { openStores, type OpenStores } from './open-stores.js';

/** An application on one file. */
export interface OpenGesta extends OpenStores {
  readonly gesta: Gesta;
}

/** The application that is measured, on SQLite. */
export async function openGesta(path: string): Promise<OpenGesta> {
  const stores = await openStores(path);
  return { ...stores, gesta: await openGestaOn(stores) };
}

/**
 * The application that is measured: one aggregate and one projection, all settings as they come. When a reader fails,
 * the process ends with its error, as a measurement that goes on without it would tell nothing.
 */
export function openGestaOn(stores: { events: EventStore; documents: DocumentStore }): Promise<Gesta> {
  return Gesta.open({
    events: stores.events,
    documents: stores.documents,
    aggregates: [aggregateDefinition(Order)],
    projections: [
      { projectionClass: OrderSummaries, definition: projectionDefinition(OrderSummaries, new OrderSummaries()) },
    ],
    notice(notice) {
      if (notice.kind !== 'parked' && notice.kind !== 'runner-failed') return;
      queueMicrotask(() => {
        throw notice.error;
      });
    },
  });
}
