import { EventStoreDBClient } from '@eventstore/db-client';
import { alternate } from '../alternate.js';
import { informative, type Finding } from '../finding.js';
import { readByClient } from '../floor/read-by-client.js';
import { openEventStoreDB } from '../ours/open-on-servers.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';
import { fillLog } from '../servers/fill-log.js';
import { startCannedEventStoreDB, startEventStoreDBFor } from '../servers/start-server.js';
import { unusedOrder } from './writers-in-flight.js';

const EVENTS_EACH = 10;

/** The official client reads a log from the local server, and as many events from a server that has them encoded. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const orders = quick ? 1_000 : 5_000;
  const events = orders * EVENTS_EACH;
  const servers = [await startEventStoreDBFor(folder), await startCannedEventStoreDB()] as const;
  const store = await openEventStoreDB(servers[0].url);
  const position = await fillLog(store, { first: unusedOrder(), orders, eventsEach: EVENTS_EACH }, tell);
  await store.close();

  const [local, canned] = servers.map(({ url }) => EventStoreDBClient.connectionString(url));
  const measure = (client: EventStoreDBClient) => () =>
    readByClient(client, { commit: position, prepare: position }, events);
  const found = await alternate(quick ? 3 : 9, measure(local!), measure(canned!), tell);
  for (const client of [local!, canned!]) await client.dispose();
  for (const server of servers) await server.stop();
  return [informative('official EventStoreDB client: read the log', 'events/s', found.ours, found.floor)];
}
