import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Order } from '../domain/order.js';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { openGesta, type OpenGesta } from '../ours/open-gesta.js';
import type { TaskContext } from '../processes/task.js';

/** How the event loop fared during a rebuild. */
export interface Served {
  /** The event loop's delay in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** How long the rebuild took. */
  readonly milliseconds: number;
}

const LONGEST_MS = 3_600_000;
const NANOSECONDS = 1_000_000;

/**
 * Serves the read model and takes commands over HTTP while the projection catches up from the beginning of the log, and
 * watches the event loop meanwhile. Tells the port first, and begins with the first request.
 * @param path the file with the events
 */
export async function run({ path }: { path: string }, { tell }: TaskContext): Promise<Served> {
  const application = await openGesta(path);
  const { gesta, events, documents, close } = application;
  const server = createServer((request, response) => void answer(application, request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  tell((server.address() as AddressInfo).port);
  await once(server, 'request');

  const { position } = await events.head();
  const delay = monitorEventLoopDelay({ resolution: 1 }); // the one millisecond counts in what it finds
  const start = performance.now();
  delay.enable();
  gesta.start();
  await gesta.readModel(OrderSummaries).waitFor(position, { timeoutMs: LONGEST_MS });
  delay.disable();
  const milliseconds = performance.now() - start;

  server.close();
  server.closeAllConnections();
  await gesta.stop();
  for (const collection of await documents.collections()) await documents.drop(collection);
  await close();
  return {
    p50: delay.percentile(50) / NANOSECONDS,
    p99: delay.percentile(99) / NANOSECONDS,
    max: delay.max / NANOSECONDS,
    milliseconds,
  };
}

/** `GET /<order>` shows the order, `POST /<order>` adds a line to it. */
async function answer({ gesta }: OpenGesta, { method, url }: IncomingMessage, response: ServerResponse): Promise<void> {
  const id = url!.slice(1);
  const body =
    method === 'POST'
      ? { revision: (await gesta.repository(Order).transact(id, (order) => order.addLine(id, 1))).revision }
      : ((await gesta.readModel<OrderSummary>(OrderSummaries).findById(id)) ?? {});
  response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
}
