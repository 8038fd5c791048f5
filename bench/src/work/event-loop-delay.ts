import { Agent, request } from 'node:http';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { orderIdOf } from '../domain/sample-events.js';
import { bounded, type Finding } from '../finding.js';
import { appendOrders, shuffled } from '../ours/append-orders.js';
import { openStores } from '../ours/open-stores.js';
import { runTask } from '../processes/run-task.js';
import type { TaskContext } from '../processes/task.js';
import type { Served } from '../rebuild/serve-while-rebuilding.js';
import type { RowInput } from '../rows.js';
import { median, percentile } from '../statistics.js';

const SERVER = import.meta.resolve('../rebuild/serve-while-rebuilding.js');
const EVENTS_EACH = 10;
const CLIENTS = 4;
/** How long a client waits between two requests, in milliseconds. */
const PAUSE_MS = 20;
/** One in so many requests is a command. */
const COMMAND_EVERY = 10;

/** Rebuilds in a process that serves a few requests meanwhile, and takes the delay of that process' event loop. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const path = join(folder, 'ours.db');
  const orders = quick ? 10_000 : 100_000;
  const rounds = quick ? 1 : 3;
  tell('preparing');
  const stores = await openStores(path);
  await appendOrders(stores.events, orders, EVENTS_EACH);
  await stores.close();

  const rebuilds: Served[] = [];
  for (let round = 1; round <= rounds; round++) {
    tell(`round ${round} of ${rounds}`);
    const ending = new AbortController();
    let load: Promise<number[]> | undefined;
    const served = await runTask<Served>(
      SERVER,
      { path },
      {
        told: (port) => (load ??= requests(port as number, orders, ending.signal)),
      },
    );
    ending.abort();
    const responses = (await load) ?? [];
    rebuilds.push(served);
    tell(
      `round ${round} of ${rounds}: ${served.milliseconds.toFixed()} ms, event loop p50 ${served.p50.toFixed(1)} ms, p99 ${served.p99.toFixed(1)} ms, max ${served.max.toFixed(1)} ms; ${responses.length} requests, p99 ${percentile(responses, 0.99).toFixed(1)} ms`,
    );
  }
  const p99 = median(rebuilds.map((served) => served.p99));
  return [bounded('event-loop delay while rebuilding under HTTP load: p99', 'ms', p99, null, 20)];
}

/** Requests until the signal. @returns how long each took, in milliseconds */
async function requests(port: number, orders: number, signal: AbortSignal): Promise<number[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: CLIENTS });
  const times: number[] = [];
  let sent = 0;
  const client = async () => {
    while (!signal.aborted) {
      const number = sent++;
      const method = number % COMMAND_EVERY === 0 ? 'POST' : 'GET';
      const start = performance.now();
      try {
        const asked = request({
          agent,
          port,
          host: '127.0.0.1',
          method,
          path: `/${orderIdOf(shuffled(number, orders))}`,
        });
        asked.end();
        const [response] = await once(asked, 'response');
        response.resume();
        await once(response, 'end');
        if (response.statusCode !== 200) throw new Error(`The server answers with ${response.statusCode}`);
      } catch (error) {
        await pause(PAUSE_MS);
        if (signal.aborted || isClosed(error)) return; // it has finished
        throw error;
      }
      times.push(performance.now() - start);
      await pause(PAUSE_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  try {
    await Promise.all(Array.from({ length: CLIENTS }, client));
  } finally {
    agent.destroy();
  }
  return times;
}

function isClosed(error: unknown): boolean {
  return ['ECONNRESET', 'ECONNREFUSED'].includes((error as NodeJS.ErrnoException).code ?? '');
}
