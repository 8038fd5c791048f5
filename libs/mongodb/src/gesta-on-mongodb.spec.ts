import { Event, Gesta, MemoryEventStore, Project, Projection, projectionDefinition } from '@gesta/core';
import { startMongoDB, type MongoDBServer } from '@gesta/dev-servers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { Link } from '../test/link.js';
import { PATIENCE_MS } from '../test/mongodb-for-tests.js';
import { until } from '../../core/test/until.js';
import { MongoConnection } from './connection/mongodb-connection.js';
import { MongoDocumentStore } from './documents/mongodb-document-store.js';
import { nativeCollection } from './native-collection.js';

jest.setTimeout(PATIENCE_MS);

@Event('meters.read')
class MeterRead {
  readonly value!: number;
}

interface Meter {
  readonly sum: number;
}

@Projection({ name: 'meters', indexes: [{ sum: 1 }] })
class Meters {
  @Project(MeterRead)
  read({ value }: MeterRead, before?: Meter): Meter {
    return { sum: (before?.sum ?? 0) + value };
  }
}

/** A process: connections of its own, and Gesta over them. */
interface Process {
  readonly gesta: Gesta;
  readonly documents: MongoDocumentStore;
}

describe('Gesta with its documents in MongoDB', () => {
  let server: MongoDBServer;
  let link: Link;
  let events: MemoryEventStore;
  const processes: Process[] = [];

  beforeEach(async () => {
    server = await startMongoDB();
    link = await Link.to(server.port);
    events = new MemoryEventStore();
  });
  afterEach(async () => {
    for (const { gesta, documents } of processes.splice(0)) {
      await gesta.stop();
      await documents.close();
    }
    await link.close();
    await server.stop();
  });

  async function start(): Promise<Process> {
    const url = `mongodb://127.0.0.1:${link.port}/shop?serverSelectionTimeoutMS=500`;
    const documents = new MongoDocumentStore(await MongoConnection.open(url));
    const projections = [{ projectionClass: Meters, definition: projectionDefinition(Meters, new Meters()) }];
    const gesta = await Gesta.open({ events, documents, projections, leaseMs: 1_000 });
    gesta.start();
    processes.push({ gesta, documents });
    return { gesta, documents };
  }

  const read = (meter: string, value: number) =>
    events.append(
      `meters.meter-${meter}`,
      [{ id: randomUUID(), type: 'meters.read', version: 1, headers: {}, data: { value } }],
      { expected: 'any' },
    );

  it('projects, and hands the driver’s collection out', async () => {
    const { gesta } = await start();
    for (let value = 1; value <= 100; value++) await read(`m${value % 10}`, value);
    const meters = gesta.readModel<Meter>(Meters);
    await meters.waitFor((await events.head()).position);
    expect(await meters.find({ sum: { $gte: 530 } }, { sort: { sum: -1 } })).toEqual([
      { sum: 550 },
      { sum: 540 },
      { sum: 530 },
    ]);
    const native = nativeCollection<Meter>(meters.collection);
    expect(native.collectionName).toBe('projection.meters.v1.g1');
    expect(await native.find({ sum: 550 }).toArray()).toMatchObject([{ _id: 'm0', sum: 550 }]);
  });

  it('goes on by itself when the connection was away', async () => {
    const { gesta } = await start();
    const meters = gesta.readModel<Meter>(Meters);
    await meters.waitFor((await read('m', 1)).position);
    link.cut();
    const { position } = await read('m', 2);
    await expect(meters.waitFor(position, { timeoutMs: 700 })).rejects.toThrow();
    await expect(meters.find()).rejects.toThrow(expect.objectContaining({ name: 'StoreUnavailable' }));
    link.restore();
    await meters.waitFor(position, { timeoutMs: 20_000 });
    expect(await meters.find()).toEqual([{ sum: 3 }]);
  });

  it('shows a new generation in every process within a second', async () => {
    const replicas = [await start(), await start(), await start()];
    const shown = () => replicas.map(({ gesta }) => gesta.readModel(Meters).collection.name);
    const { position } = await read('m', 1);
    await Promise.all(replicas.map(({ gesta }) => gesta.readModel(Meters).waitFor(position, { timeoutMs: 20_000 })));
    expect(await replicas[0]!.gesta.rebuild('meters')).toMatchObject({ outcome: 'switched' });
    await until('all show it', () => shown().every((name) => name === 'projection.meters.v1.g2'), 10_000);
    for (const { gesta } of replicas) expect(await gesta.readModel<Meter>(Meters).findById('m')).toEqual({ sum: 1 });
  });
});
