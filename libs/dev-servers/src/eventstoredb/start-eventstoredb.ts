import { Server, type ServerCredentials } from '@grpc/grpc-js';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { serverCredentials, type Tls } from './access/server-credentials.js';
import { unrestrictedAccess } from './access/unrestricted-access.js';
import { UserAccess } from './access/user-access.js';
import { EventLog } from './log/event-log.js';
import { gossipService, serverFeaturesService } from './server/cluster-services.js';
import { persistentSubscriptionsService } from './persistent/persistent-subscriptions-service.js';
import type { ServerVersion } from './server/server-versions.js';
import { operationsService } from './server/operations-service.js';
import { streamsService } from './streams/streams-service.js';

/** How the EventStoreDB-protocol server is to be started. */
export interface EventStoreDBServerOptions {
  /** 0, which is what it is without, takes a free one. */
  readonly port?: number;
  /** The address to listen at; `127.0.0.1` without. */
  readonly host?: string;
  /**
   * Where to keep the events: a folder (the file is `eventstoredb.db` in it), or a file whose name ends with `.db`. In
   * memory, and gone with the server, when not given.
   */
  readonly data?: string;
  /** Whether connections are open and everybody may do everything; that is so without `tls`. */
  readonly insecure?: boolean;
  /** Encrypts connections, and asks for users: `admin` and `ops`, each with the password `changeit`. */
  readonly tls?: Tls;
  /** The version of EventStoreDB whose habits it has; 23.10 without. */
  readonly version?: ServerVersion;
  /**
   * How long reads of a stream lag where those of a real server may, in milliseconds: behind what has just refused another
   * writer, and where a deleted stream has just begun again. 15 without; 0 for never.
   */
  readonly readsLagMs?: number;
}

/** A server that runs. */
export interface EventStoreDBServer {
  /** What to give to an EventStoreDB client, such as `esdb://127.0.0.1:2113?tls=false`. */
  readonly url: string;
  readonly port: number;
  /** Ends all connections and closes the data; what was acknowledged is on the disk. */
  stop(): Promise<void>;
}

/** Messages up to this size are taken, in bytes: an append of 1 MiB fits, and so does one that is refused by name. */
const MAX_MESSAGE_BYTES = 17 * 1024 * 1024;

const KEEPALIVE_MS = 10_000;
const READS_LAG_MS = 15;

/**
 * Starts a server in this process that speaks EventStoreDB's gRPC protocol. It is for development and tests.
 * @throws {StoreUnavailable} when the data cannot be opened, or another server has it
 * @throws {TypeError} when the certificate cannot be used, or TLS is asked for without one
 * @throws {Error} when the port is taken
 */
export async function startEventStoreDB(options: EventStoreDBServerOptions = {}): Promise<EventStoreDBServer> {
  const { host = '127.0.0.1', data, tls, insecure = tls === undefined } = options;
  const { version = '23.10', readsLagMs = READS_LAG_MS } = options;
  if (!insecure && !tls) throw new TypeError('A server that is not insecure needs tls: a certificate and its key');
  const credentials = serverCredentials(insecure ? undefined : tls);
  const log = await EventLog.open(data === undefined ? undefined : fileIn(data), readsLagMs);
  try {
    return await serve(log, { host, port: options.port ?? 0, isSecure: !insecure, credentials, version });
  } catch (error) {
    await log.close();
    throw error;
  }
}

interface Endpoint {
  readonly host: string;
  readonly port: number;
  readonly isSecure: boolean;
  readonly credentials: ServerCredentials;
  readonly version: ServerVersion;
}

async function serve(log: EventLog, { host, port: wanted, isSecure, credentials, version }: Endpoint) {
  const access = isSecure ? new UserAccess(log) : unrestrictedAccess;
  // Who listens at every address is reached at one.
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  let port = wanted;
  const services = [
    streamsService(log, access, version),
    persistentSubscriptionsService(log, access),
    operationsService(log, access),
    gossipService(() => ({ host: reachable, port })),
  ];
  services.push(serverFeaturesService(services, version));
  const server = new Server({
    'grpc.max_receive_message_length': MAX_MESSAGE_BYTES,
    'grpc.max_send_message_length': MAX_MESSAGE_BYTES,
    // A client that vanished without a word is forgotten.
    'grpc.keepalive_time_ms': KEEPALIVE_MS,
    'grpc.keepalive_timeout_ms': KEEPALIVE_MS,
  });
  for (const { definition, implementation } of services) server.addService(definition, implementation);
  const closeServices = () => Promise.all(services.map((service) => service.close?.()));
  try {
    port = await bind(server, host.includes(':') ? `[${host}]:${wanted}` : `${host}:${wanted}`, credentials);
  } catch (error) {
    await closeServices(); // some are at work without being called
    throw error;
  }
  const stop = async () => {
    server.forceShutdown();
    await closeServices();
    await log.close();
  };
  let stopped: Promise<void> | undefined;
  return { url: `esdb://${reachable}:${port}?tls=${isSecure}`, port, stop: () => (stopped ??= stop()) };
}

/** A folder gets a file of its own in it. */
function fileIn(data: string): string {
  const isFile = existsSync(data) ? !statSync(data).isDirectory() : data.endsWith('.db');
  return isFile ? data : join(data, 'eventstoredb.db');
}

function bind(server: Server, address: string, credentials: ServerCredentials): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, credentials, (error, port) => (error ? reject(error) : resolve(port)));
  });
}
