import { once } from 'node:events';
import { existsSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import type { Server } from './commands/command.js';
import { runCommand } from './commands/run-command.js';
import { CursorRegistry } from './cursors/cursor-registry.js';
import { SessionRegistry } from './sessions/session-registry.js';
import { ExpiredDocuments } from './storage/expired-documents.js';
import { Storage } from './storage/storage.js';
import { ClientConnection } from './wire/client-connection.js';

/** How often what is unused is cleared away, in milliseconds. */
const CLEARING_MS = 60_000;

/** How to start a MongoDB-protocol server. */
export interface MongoDBServerOptions {
  /** Where to listen; a free port when it is 0, which is the default. */
  readonly port?: number;
  /** The address to bind; `127.0.0.1` unless told otherwise. There is no access control, so mind who can reach it. */
  readonly host?: string;
  /**
   * Where to keep the data: a folder (the file is `mongodb.db` in it), or a file whose name ends with `.db`. In memory, and
   * gone with the server, when not given.
   */
  readonly data?: string;
}

/** A MongoDB-protocol server that runs. */
export interface MongoDBServer {
  /** What to give to `new MongoClient()`, such as `mongodb://127.0.0.1:27017/`. */
  readonly url: string;
  readonly port: number;
  /** Hangs up on everybody, finishes the writes that were accepted and closes the file. */
  stop(): Promise<void>;
}

/**
 * Starts a server for development and tests that speaks MongoDB's wire protocol, in this process.
 * @throws {StoreUnavailable} when the data cannot be opened
 * @throws {Error} with the code EADDRINUSE or EACCES when the port cannot be had
 */
export async function startMongoDB(options: MongoDBServerOptions = {}): Promise<MongoDBServer> {
  const { port = 0, host = '127.0.0.1', data } = options;
  const storage = await Storage.open(data === undefined ? undefined : fileOf(data));
  const cursors = new CursorRegistry();
  const sessions = new SessionRegistry((session) => cursors.killOf(session));
  const expired = new ExpiredDocuments(storage);
  const connections = new Set<ClientConnection>();
  const server: Server = {
    storage,
    cursors,
    sessions,
    expired,
    startedAt: new Date(),
    connections: () => connections.size,
  };
  let lastId = 0;
  const listener = createServer((socket) => {
    const connection: ClientConnection = new ClientConnection(++lastId, socket, (command) =>
      runCommand(command, connection, server),
    );
    connections.add(connection);
    socket.on('close', () => connections.delete(connection));
  });
  try {
    await once(listener.listen(port, host), 'listening');
  } catch (error) {
    await expired.stop();
    await storage.close();
    throw error;
  }
  const clearing = setInterval(() => {
    sessions.endUnused();
    cursors.killUnused();
  }, CLEARING_MS).unref();
  const { port: actual } = listener.address() as AddressInfo;
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    clearInterval(clearing);
    const closed = once(listener, 'close');
    listener.close();
    for (const connection of connections) connection.close();
    await closed;
    await expired.stop();
    await storage.close();
  };
  return {
    url: `mongodb://${host.includes(':') ? `[${host}]` : host}:${actual}/`,
    port: actual,
    stop: () => (stopped ??= stop()),
  };
}

function fileOf(data: string): string {
  const path = resolve(data);
  const isFile = existsSync(path) ? statSync(path).isFile() : path.endsWith('.db');
  return isFile ? path : join(path, 'mongodb.db');
}
