import { EventStoreDBClient } from '@eventstore/db-client';
import { alternate } from '../alternate.js';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { informative, type Finding } from '../finding.js';
import { appendByClient } from '../floor/append-by-client.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';
import { startCannedEventStoreDB, startEventStoreDBFor } from '../servers/start-server.js';
import { writeInFlight } from './writers-in-flight.js';

/** The official client on the local server, and on a server that acknowledges everything at once. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const servers = [await startEventStoreDBFor(folder), await startCannedEventStoreDB()] as const;
  const [local, canned] = servers.map(({ url }) => EventStoreDBClient.connectionString(url));
  const milliseconds = quick ? 300 : 1_000;
  const measure = (client: EventStoreDBClient) => () =>
    writeInFlight(
      (order, revision) => appendByClient(client, orderStreamOf(order), revision, orderEventToAppend(order, revision)),
      milliseconds,
    );

  const found = await alternate(quick ? 3 : 11, measure(local!), measure(canned!), tell);
  for (const client of [local!, canned!]) await client.dispose();
  for (const server of servers) await server.stop();
  return [informative('official EventStoreDB client: append, 64 in flight', 'events/s', found.ours, found.floor)];
}
