import { EventStoreDBClient } from '@eventstore/db-client';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { startEventStoreDB, type EventStoreDBServer } from '../src/eventstoredb/start-eventstoredb.js';

const certificate = fileURLToPath(new URL('../src/eventstoredb/access/test-certificate/', import.meta.url));

/** A server with TLS and users, and clients of it. */
export class SecureEventStoreDB {
  readonly #clients: EventStoreDBClient[] = [];

  private constructor(readonly server: EventStoreDBServer) {}

  static async start(): Promise<SecureEventStoreDB> {
    const [cert, key] = await Promise.all(['cert.pem', 'key.pem'].map((file) => readFile(certificate + file)));
    return new SecureEventStoreDB(await startEventStoreDB({ tls: { cert: cert!, key: key! } }));
  }

  /** @param user such as `admin:changeit`; without, calls are anonymous */
  client(user?: string): EventStoreDBClient {
    const url = this.server.url.replace('127.0.0.1', 'localhost'); // TLS is for names
    const address = user ? url.replace('esdb://', `esdb://${user}@`) : url;
    const client = EventStoreDBClient.connectionString(
      `${address}&tlsCAFile=${encodeURIComponent(`${certificate}cert.pem`)}`,
    );
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.dispose()));
    await this.server.stop();
  }
}

/** Credentials of a call. */
export const as = (username: string, password = 'changeit') => ({ credentials: { username, password } });
