import {
  eventTypeFilter,
  FORWARDS,
  START,
  type AllStreamResolvedEvent,
  type EventStoreDBClient,
  type ReadPosition,
} from '@eventstore/db-client';
import { LINE_ADDED, PLACED } from '../domain/order-events.js';

/** Reads so many events of the whole log, and does nothing with them. @returns events per second */
export async function readByClient(
  client: EventStoreDBClient,
  fromPosition: ReadPosition,
  maxCount: number,
): Promise<number> {
  const start = performance.now();
  const reading = client.readAll({ fromPosition, direction: FORWARDS, maxCount });
  const events = await new Promise<number>((resolve, reject) => {
    let count = 0;
    reading.on('data', () => count++);
    reading.on('error', reject);
    reading.on('end', () => resolve(count));
  });
  if (events !== maxCount) throw new Error(`${events} events were read, not ${maxCount}`);
  return (events / (performance.now() - start)) * 1_000;
}

/** Catches up with the orders of the log, and does nothing with them. @returns how many events there were, and the time */
export async function catchUpByClient(client: EventStoreDBClient): Promise<{ events: number; milliseconds: number }> {
  const start = performance.now();
  const subscription = client.subscribeToAll({
    fromPosition: START,
    filter: eventTypeFilter({ prefixes: [PLACED, LINE_ADDED] }),
  });
  const events = await new Promise<number>((resolve, reject) => {
    let count = 0;
    subscription.on('data', (_event: AllStreamResolvedEvent) => count++);
    subscription.on('error', reject);
    subscription.on('caughtUp', () => resolve(count));
  });
  const milliseconds = performance.now() - start;
  await subscription.unsubscribe();
  return { events, milliseconds };
}
