import { randomUUID } from 'node:crypto';
import { runTask } from '../processes/run-task.js';

/** A server for a measurement, in a process of its own: it takes no turns of the client's event loop. */
export interface RunningServer {
  readonly url: string;
  stop(): Promise<void>;
}

const EVENTSTOREDB = import.meta.resolve('./eventstoredb-server.js');
const MONGODB = import.meta.resolve('./mongodb-server.js');
const CANNED = import.meta.resolve('./canned-eventstoredb.js');

/** The local EventStoreDB, durable in the folder; or the server that `GESTA_TEST_EVENTSTOREDB_URL` names. */
export function startEventStoreDBFor(folder: string): Promise<RunningServer> {
  return named(process.env.GESTA_TEST_EVENTSTOREDB_URL) ?? start(EVENTSTOREDB, { data: folder });
}

/** The local MongoDB, durable in the folder; or the server that `GESTA_TEST_MONGODB_URL` names. */
export function startMongoDBFor(folder: string): Promise<RunningServer> {
  return named(process.env.GESTA_TEST_MONGODB_URL) ?? start(MONGODB, { data: folder });
}

/** The server that has its answers ready: what a client does with it is the most that it can do. */
export function startCannedEventStoreDB(): Promise<RunningServer> {
  return start(CANNED, {});
}

/** The URL with a database of its own, whatever else the server keeps. */
export function withOwnDatabase(mongoDBUrl: string): string {
  const url = new URL(mongoDBUrl);
  url.pathname = `/gesta-bench-${randomUUID()}`;
  return url.href;
}

function named(url: string | undefined): Promise<RunningServer> | undefined {
  return url ? Promise.resolve({ url, stop: () => Promise.resolve() }) : undefined;
}

/** Should this process end, the server does too. */
async function start(module: string, input: object): Promise<RunningServer> {
  const stopping = new AbortController();
  let ended: Promise<unknown>;
  const url = await new Promise<string>((resolve, reject) => {
    ended = runTask(module, input, { told: (told) => resolve(told as string), signal: stopping.signal });
    ended.catch(reject);
  });
  return {
    url,
    async stop() {
      stopping.abort();
      await ended.catch(() => undefined);
    },
  };
}
