import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough } from '../../test/fallible-stores.js';
import { record, wholeLog } from '../../test/log.js';
import { BookCourier, ParcelDelivery, ParcelErased, ParcelRegistered, TellReceiver } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta, type GestaOptions } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { processDefinition } from '../processes/process-definition.js';

const DAY = 24 * 60 * 60 * 1_000;
const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const MESSAGES = { categories: ['courier.command', 'gesta.deadline', 'gesta.refusal'] };

describe('Maintenance', () => {
  let time: number;
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let gestas: Gesta[];
  const now = () => new Date(time);

  beforeEach(() => {
    time = Date.UTC(2026, 0, 1, 12);
    events = new MemoryEventStore({ now });
    documents = new MemoryDocumentStore();
    gestas = [];
  });
  afterEach(() => Promise.all(gestas.map((gesta) => gesta.stop())));

  const open = async (options: Partial<GestaOptions> = {}) => {
    const gesta = await Gesta.open({
      events,
      documents,
      processes: [processDefinition(ParcelDelivery)],
      commands: { handled: [BookCourier, TellReceiver], execute: async () => undefined },
      now,
      leaseMs: 200,
      ...options,
    });
    gestas.push(gesta);
    return gesta;
  };
  const messages = async () => (await wholeLog(events, MESSAGES)).map(({ type }) => type);
  const readAll = (gesta: Gesta) =>
    until('all is read', async () => (await gesta.status()).every(({ lag, parked }) => lag === 0n && parked === 0));
  const instance = async (key: string) =>
    (await (await documents.collection('process.parcel-delivery')).get([key])).get(key);

  /** A parcel of which nothing is to be known any more, with the messages that travelled on its account. */
  const delivered = async (gesta: Gesta, parcel = 'a') => {
    await gesta.start();
    await record(events, `parcels.parcel-${parcel}`, registered, event(ParcelErased, {}));
    await until('its commands are there', async () => (await messages()).length >= 2);
    await readAll(gesta);
    await until('it is completed', async () => (await instance(parcel))?.body?.completed === true);
    // What a reader has passed is saved a little later.
    const { position } = await events.head();
    const saved = await documents.collection('gesta.checkpoints');
    await until('that is saved', async () => (await saved.find({})).every(({ version }) => version >= position));
  };

  it('removes messages that all have read and instances that have ended, once they are old enough', async () => {
    const gesta = await open();
    await delivered(gesta);
    const sent = (await messages()).filter((type) => type.startsWith('courier.')).length;
    expect(await gesta.maintain()).toMatchObject({ outcome: 'done', commands: 0, instances: 0 });
    expect((await messages()).length).toBeGreaterThanOrEqual(sent);
    time += 8 * DAY;
    expect(await gesta.maintain({ dryRun: true })).toMatchObject({ commands: sent, instances: 1 });
    expect((await messages()).length).toBeGreaterThanOrEqual(sent);
    expect(await gesta.maintain()).toMatchObject({ outcome: 'done', commands: sent, instances: 1, heldBackBy: [] });
    expect(await messages()).toEqual([]);
    expect((await instance('a'))!.body).toBeUndefined();
    expect(await gesta.maintain()).toMatchObject({ commands: 0, instances: 0 });
  });

  it('leaves the instance ended: what comes late for it does not begin it anew', async () => {
    const gesta = await open();
    await delivered(gesta);
    time += 8 * DAY;
    await gesta.maintain();
    await record(events, 'parcels.parcel-a', registered);
    await readAll(gesta);
    expect((await instance('a'))!.body).toBeUndefined();
    expect(await messages()).toEqual([]);
  });

  it('keeps what a reader has yet to take, and says which', async () => {
    const gesta = await open();
    await delivered(gesta);
    const sent = (await messages()).filter((type) => type.startsWith('courier.')).length;
    const checkpoints = await documents.collection('gesta.checkpoints');
    await checkpoints.put([{ key: 'reactor.of-another', version: 1n, body: {} }]);
    time += 8 * DAY;
    expect(await gesta.maintain()).toMatchObject({
      commands: 0,
      heldBackBy: [{ reader: 'reactor.of-another', position: 1n }],
    });
    expect((await messages()).length).toBeGreaterThanOrEqual(sent);
    const behindAll = (await events.head()).position;
    await checkpoints.put([{ key: 'reactor.of-another', version: behindAll, body: {} }]);
    expect(await gesta.maintain()).toMatchObject({ commands: sent });
  });

  it('keeps what waits behind a dead letter, and the instance for which it waits', async () => {
    const gesta = await open();
    await delivered(gesta);
    const [first] = await wholeLog(events);
    const reader = 'process.parcel-delivery';
    await gesta.deadLetters.park(
      reader,
      'key',
      [{ key: 'a', event: first!, error: new Error('no'), attempts: 3 }],
      undefined,
    );
    time += 8 * DAY;
    expect(await gesta.maintain()).toMatchObject({ commands: 0, instances: 0, heldBackBy: [{ reader }] });
  });

  it('removes tombstones up to where a checkpoint was so long ago, and no later ones', async () => {
    const gesta = await open();
    const name = 'projection.tracking.v1.g1';
    const collection = await documents.collection(name);
    const checkpoints = await documents.collection('gesta.checkpoints');
    await (
      await documents.collection('gesta.generations')
    ).put([{ key: 'tracking.v1', version: 1n, body: { live: 1, next: 2, generations: { 1: { state: 'live' } } } }]);
    await checkpoints.put([{ key: name, version: 10n, body: {} }]);
    await collection.put([5n, 10n, 15n].map((version) => ({ key: `k${version}`, version, body: undefined })));
    await collection.put([{ key: 'there', version: 3n, body: {} }]);
    expect(await gesta.maintain()).toMatchObject({ tombstones: 0 });
    time += 4 * DAY;
    await checkpoints.put([{ key: name, version: 20n, body: {} }]);
    expect(await gesta.maintain()).toMatchObject({ tombstones: 0 });
    time += 4 * DAY;
    expect(await gesta.maintain()).toMatchObject({ tombstones: 2, collections: [] });
    expect([...(await collection.get(['k5', 'k10', 'k15', 'there'])).keys()].toSorted()).toEqual(['k15', 'there']);
    time += 4 * DAY;
    expect(await gesta.maintain()).toMatchObject({ tombstones: 1 });
  });

  it('drops documents that nothing tells of, once that has been so for long', async () => {
    const gesta = await open();
    const checkpoints = await documents.collection('gesta.checkpoints');
    for (const name of ['projection.gone.v1.g1', 'projection.gone.v1.g2', 'gesta.idempotency.2025-12-31', 'theirs'])
      await documents.collection(name);
    await checkpoints.put([{ key: 'projection.gone.v1.g2', version: 1n, body: {} }]);
    expect(await gesta.maintain()).toMatchObject({ collections: [] });
    time += 10 * DAY;
    expect(await gesta.maintain({ dryRun: true })).toMatchObject({
      collections: expect.arrayContaining(['projection.gone.v1.g1']),
    });
    expect((await gesta.maintain()).collections.toSorted()).toEqual([
      'gesta.idempotency.2025-12-31',
      'projection.gone.v1.g1',
    ]);
    expect(await documents.collections()).toEqual(expect.arrayContaining(['projection.gone.v1.g2', 'theirs']));
  });

  it('is done by one at a time, and in portions however much there is', async () => {
    const purges: number[] = [];
    const many = await documents.collection('projection.tracking.v1.g1');
    await many.put(Array.from({ length: 1_000 }, (_, n) => ({ key: `k${n}`, version: 1n, body: undefined })));
    await (
      await documents.collection('gesta.checkpoints')
    ).put([{ key: 'projection.tracking.v1.g1', version: 5n, body: {} }]);
    const counted = documentsThrough((call, work) => {
      if (call.startsWith('purge')) purges.push(purges.length);
      return work();
    }, documents);
    const [one, other] = [await open({ documents: counted }), await open()];
    const reports = await Promise.all([one.maintain({ olderThanMs: 0 }), other.maintain({ olderThanMs: 0 })]);
    expect(reports.reduce((sum, { tombstones }) => sum + tombstones, 0)).toBe(1_000);
    for (const { outcome } of reports) expect(['done', 'busy']).toContain(outcome);
    if (reports[0]!.outcome === 'done') expect(purges.length).toBeGreaterThanOrEqual(5);
  });

  it('stops when it is told to, and goes on the next time', async () => {
    const gesta = await open();
    await delivered(gesta);
    const stopping = new AbortController();
    stopping.abort();
    expect(await gesta.maintain({ olderThanMs: 0, signal: stopping.signal })).toMatchObject({ outcome: 'stopped' });
    time += 1;
    await gesta.maintain({ olderThanMs: 0 });
    expect(await messages()).toEqual([]);
  });

  it('is done by an application that runs, unless it is told not to', async () => {
    const gesta = await open({ maintenance: { everyMs: 20, olderThanMs: 0 } });
    await delivered(gesta);
    time += 1;
    await until('all is removed', async () => (await messages()).length === 0);
    await until('the instance too', async () => (await instance('a'))!.body === undefined);
  });
});
