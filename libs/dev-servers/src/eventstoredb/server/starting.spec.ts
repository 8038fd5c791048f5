import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { StoreUnavailable } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEventStoreDB, type EventStoreDBServerOptions, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('starting the server', () => {
  let folder: string;
  let running: EventStoreDBServer[];
  let clients: EventStoreDBClient[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-eventstoredb-'));
    running = [];
    clients = [];
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    for (const client of clients) await client.dispose();
    for (const server of running) await server.stop();
    rmSync(folder, { recursive: true });
  });

  async function start(options?: EventStoreDBServerOptions): Promise<EventStoreDBServer> {
    const server = await startEventStoreDB(options);
    running.push(server);
    return server;
  }
  function connect({ url }: EventStoreDBServer): EventStoreDBClient {
    const client = EventStoreDBClient.connectionString(url);
    clients.push(client);
    return client;
  }
  const append = (client: EventStoreDBClient) => client.appendToStream('s', jsonEvent({ type: 'x', data: {} }));

  it('takes a free port and says where it is', async () => {
    const [first, second] = [await start(), await start()];
    expect(first.port).not.toBe(second.port);
    expect(first.url).toBe(`esdb://127.0.0.1:${first.port}?tls=false`);
    expect((await append(connect(first))).success).toBe(true);
  });

  it('takes the port it is given, once', async () => {
    const { port } = await start();
    jest.spyOn(console, 'error').mockImplementation(() => {}); // the library's own words about it
    await expect(startEventStoreDB({ port, data: folder })).rejects.toThrow(/EADDRINUSE|address/);
    await start({ data: folder }); // what failed let go of the data
  });

  it('listens at every address if told to, and names one', async () => {
    const server = await start({ host: '0.0.0.0' });
    expect(server.url).toBe(`esdb://127.0.0.1:${server.port}?tls=false`);
    expect((await append(connect(server))).success).toBe(true);
  });

  it.each(['', 'new/folder', 'events.db'])('keeps its events in %p from one start to the next', async (name) => {
    const data = join(folder, name);
    const first = await start({ data });
    await append(connect(first));
    await first.stop();
    const events = await Array.fromAsync(connect(await start({ data })).readStream('s'));
    expect(events).toHaveLength(1);
  });

  it('keeps nothing without a folder', async () => {
    const first = await start();
    await append(connect(first));
    await first.stop();
    expect(readdirSync(folder)).toEqual([]);
    expect(await Array.fromAsync(connect(await start()).readAll())).toEqual([]);
  });

  it('leaves data to the server that has it', async () => {
    const first = await start({ data: folder });
    await expect(startEventStoreDB({ data: folder })).rejects.toThrow(StoreUnavailable);
    await first.stop();
    await start({ data: folder });
  });

  it('can be stopped twice, and ends what goes on', async () => {
    const server = await start();
    const client = connect(server);
    const ended = new Promise((resolve) => client.subscribeToAll().on('error', resolve).resume());
    await append(client);
    await Promise.all([server.stop(), server.stop()]);
    expect(await ended).toMatchObject({ type: expect.stringMatching(/^(unavailable|cancelled|unknown)$/) });
  });

  it('wants a certificate when it is not to be insecure', async () => {
    await expect(startEventStoreDB({ insecure: false })).rejects.toThrow(TypeError);
  });
});
