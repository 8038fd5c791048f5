import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cuttable, documentsThrough } from '../../test/fallible-stores.js';
import { record, recordAs } from '../../test/log.js';
import { ParcelRegistered, ParcelTracking } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { ReadModel } from '../projections/read-model.js';
import { ReadModelBehind } from './reached.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });

describe('waitFor', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (projection = new ParcelTracking(), stores: Partial<Stores> = {}) => {
    const process = await ReadingProcess.open({ events, documents, ...stores });
    processes.push(process);
    const { reader, documents: tracking } = await process.project(projection);
    const live = { documents: tracking, reached: reader.reached, left: new AbortController().signal };
    const source = { live, isKept: () => true, look: () => Promise.resolve() };
    const readModel = new ReadModel<{ status: string }>(source);
    return { process, reader, readModel };
  };

  it('resolves when what was just written can be read', async () => {
    const { readModel } = await begin();
    const { position } = await record(events, 'parcels.parcel-a', registered);
    await readModel.waitFor(position);
    expect(await readModel.findById('a')).toMatchObject({ status: 'registered' });
    expect(await readModel.find({ status: 'registered' })).toHaveLength(1);
    expect(await readModel.count()).toBe(1);
  });

  it('resolves also when nothing at or after the position is for the projection', async () => {
    const { readModel } = await begin();
    const { position } = await recordAs(events, 'weather.station-1', { type: 'weather.rained', data: {} });
    await readModel.waitFor(position);
  });

  it('resolves at once for what is long there', async () => {
    const { readModel, reader } = await begin();
    const { position } = await record(events, 'parcels.parcel-a', registered);
    await until('it is there', () => reader.reached.now === position);
    await readModel.waitFor(position, { timeoutMs: 0 });
  });

  it('resolves in a process that does not own the reader', async () => {
    const owner = await begin();
    await until('it is owned', () => owner.reader.owner);
    const { reader, readModel } = await begin();
    const { position } = await record(events, 'parcels.parcel-a', registered);
    await readModel.waitFor(position);
    expect(reader.owner).toBe(false);
    expect(await readModel.findById('a')).toMatchObject({ status: 'registered' });
    const { position: other } = await recordAs(events, 'weather.station-1', { type: 'weather.rained', data: {} });
    await readModel.waitFor(other);
  });

  it('resolves for all who wait, each at its own position', async () => {
    const going = gate();
    const { readModel, reader } = await begin();
    await until('it follows', () => reader.caughtUp);
    const arrived: number[] = [];
    const waiting = [3, 1, 2].map((position) =>
      readModel.waitFor(BigInt(position)).then(() => {
        arrived.push(position);
        if (position === 1) going.open();
      }),
    );
    await record(events, 'parcels.parcel-a', registered);
    await going.opened;
    expect(arrived).toEqual([1]);
    await record(events, 'parcels.parcel-b', registered);
    await record(events, 'parcels.parcel-c', registered);
    await Promise.all(waiting);
  });

  it('fails when the read model is still behind after the time given, and says how far it is', async () => {
    const going = gate();
    const slow = {
      documents: documentsThrough(async (call, work) => {
        if (call === 'put parcel-tracking') await going.opened;
        return work();
      }, documents),
    };
    const { readModel } = await begin(new ParcelTracking(), slow);
    const { position } = await record(events, 'parcels.parcel-a', registered);
    const waiting = readModel.waitFor(position, { timeoutMs: 30 });
    await expect(waiting).rejects.toThrow(ReadModelBehind);
    await expect(waiting).rejects.toMatchObject({ wanted: 1n, reached: 0n });
    going.open();
    await readModel.waitFor(position);
  });

  it('waits on while the store is away, in a process that does not own the reader', async () => {
    const owner = await begin();
    await until('it is owned', () => owner.reader.owner);
    const connection = cuttable();
    const { readModel } = await begin(new ParcelTracking(), {
      documents: documentsThrough(connection.around, documents),
    });
    connection.away = true;
    const { position } = await record(events, 'parcels.parcel-a', registered);
    const waiting = readModel.waitFor(position);
    await until('it has asked in vain', () => connection.refused > 3);
    connection.away = false;
    await waiting;
  });

  it('is given up by its signal', async () => {
    const { readModel } = await begin();
    const leaving = new AbortController();
    const waiting = readModel.waitFor(99n, { signal: leaving.signal });
    leaving.abort();
    await expect(waiting).rejects.toMatchObject({ name: 'AbortError' });
    await expect(readModel.waitFor(99n, { signal: leaving.signal })).rejects.toMatchObject({ name: 'AbortError' });
  });
});
