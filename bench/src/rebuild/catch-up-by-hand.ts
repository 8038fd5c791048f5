import { EventStoreDBClient } from '@eventstore/db-client';
import { catchUpByClient } from '../floor/read-by-client.js';

/** How a catch-up went that did nothing with what it read. */
export interface CaughtUp {
  readonly events: number;
  readonly milliseconds: number;
}

/** Reads by the official client what the rebuild reads. */
export async function run({ eventsUrl }: { eventsUrl: string }): Promise<CaughtUp> {
  const client = EventStoreDBClient.connectionString(eventsUrl);
  const caughtUp = await catchUpByClient(client);
  await client.dispose();
  return caughtUp;
}
