import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough } from '../../test/fallible-stores.js';
import { record, recordAs } from '../../test/log.js';
import { ParcelRegistered, ParcelTracking } from '../../test/parcels.js';
import { ReadingProcess } from '../../test/reading-process.js';
import { until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { StoreUnavailable } from '../store/errors.js';
import { Checkpoints } from './checkpoints.js';
import type { Reader } from './reader.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });

describe('Events that are not for a reader', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let process: ReadingProcess;
  let reader: Reader;
  /** How often the checkpoint was saved. */
  let saved: number;
  /** Whether checkpoints cannot be saved. */
  let away: boolean;

  beforeEach(async () => {
    [saved, away] = [0, false];
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    const counted = async <T>(call: string, work: () => Promise<T>) => {
      if (call !== 'put gesta.checkpoints') return work();
      if (away) throw new StoreUnavailable('There is no answer');
      saved++;
      return work();
    };
    process = await ReadingProcess.open({ events, documents: documentsThrough(counted, documents) });
    await record(events, 'parcels.parcel-a', registered);
    reader = (await process.project(new ParcelTracking())).reader;
    await until('the first was taken', () => reader.caughtUp);
  });
  afterEach(() => process.stop());

  /** Of something else. @returns the position */
  const other = async () => (await recordAs(events, 'weather.day-1', { type: 'weather.rained', data: {} })).position;
  const checkpoint = async () => (await (await Checkpoints.open(documents)).load('parcel-tracking'))?.position;

  it('are passed at once, and that is saved for many of them together, soon', async () => {
    const before = saved;
    let position = 0n;
    for (let n = 0; n < 40; n++) {
      position = await other();
      await until('it is passed', () => reader.reached.now === position);
    }
    await until('it is saved', async () => (await checkpoint()) === position);
    expect(saved - before).toBeLessThan(40);
  });

  it('are passed durably when the reader ends', async () => {
    const position = await other();
    await until('it is passed', () => reader.reached.now === position);
    await process.stop();
    expect(await checkpoint()).toBe(position);
  });

  it('are saved with an event that is for it', async () => {
    const passed = await other();
    await until('it is passed', () => reader.reached.now === passed);
    const { position } = await record(events, 'parcels.parcel-b', registered);
    await until('it is taken', () => reader.reached.now === position);
    expect(await checkpoint()).toBe(position);
  });

  it('say so while that cannot be saved, and are saved once it can', async () => {
    away = true;
    const position = await other();
    await until('it is noticed', () => process.noticed('runner-failed').length > 0);
    expect(await reader.status(position)).toMatchObject({ error: 'There is no answer', position });
    away = false;
    await until('it is saved', async () => (await checkpoint()) === position);
    expect((await reader.status(position)).error).toBeUndefined();
  });

  it('are tried to be saved less and less often while that cannot be done', async () => {
    away = true;
    await other();
    await until('it was tried again', () => process.noticed('runner-failed').length >= 3);
    const [first, second, third] = process.noticed('runner-failed').map(({ retryInMs }) => retryInMs);
    expect([second! / first!, third! / second!]).toEqual([2, 2]);
    away = false;
  });
});
