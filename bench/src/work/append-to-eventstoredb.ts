import { EventStoreDBClient } from '@eventstore/db-client';
import { alternate } from '../alternate.js';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { informative, rates, type Finding } from '../finding.js';
import { appendByClient } from '../floor/append-by-client.js';
import { BatchAppendCall } from '../floor/batch-append-call.js';
import { openEventStoreDB } from '../ours/open-on-servers.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';
import { startEventStoreDBFor } from '../servers/start-server.js';
import { writeInFlight } from './writers-in-flight.js';

/** The store, batch appends coded by hand on the client's connection, and the client's own, all on the same server. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const server = await startEventStoreDBFor(folder);
  const store = await openEventStoreDB(server.url);
  const client = EventStoreDBClient.connectionString(server.url);
  const call = await BatchAppendCall.open(client);
  const milliseconds = quick ? 300 : 1_000;
  const rounds = quick ? 3 : 15;
  const ours = () =>
    writeInFlight((order, revision) => {
      const expected = revision === 0 ? 'no-stream' : revision - 1;
      return store.append(orderStreamOf(order), [orderEventToAppend(order, revision)], { expected });
    }, milliseconds);
  const byHand = () =>
    writeInFlight(
      (order, revision) => call.append(orderStreamOf(order), revision, orderEventToAppend(order, revision)),
      milliseconds,
    );
  const byClient = () =>
    writeInFlight(
      (order, revision) => appendByClient(client, orderStreamOf(order), revision, orderEventToAppend(order, revision)),
      milliseconds,
    );

  const work = 'EventStoreDB: append, 64 in flight';
  const besideHand = await alternate(rounds, ours, byHand, tell);
  const besideClient = await alternate(Math.ceil(rounds / 3), ours, byClient, (text) =>
    tell(`the client's own, ${text}`),
  );
  call.end();
  await store.close();
  await client.dispose();
  await server.stop();
  return [
    rates(work, 'events/s', besideHand.ours, besideHand.floor, 0.8),
    informative(`${work}; the floor is the official client`, 'events/s', besideClient.ours, besideClient.floor),
  ];
}
