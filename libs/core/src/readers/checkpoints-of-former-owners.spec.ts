import { afterEach, expect, it } from '@jest/globals';
import { record } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned, ParcelTracking } from '../../test/parcels.js';
import { ReadingProcess } from '../../test/reading-process.js';
import { until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Checkpoints } from './checkpoints.js';
import { Fences } from './fences.js';

const READER = 'parcel-tracking';

let process: ReadingProcess | undefined;
afterEach(() => process?.stop());

it('A checkpoint that a former owner has saved too late counts only as far as the next owner began', async () => {
  const [events, documents] = [new MemoryEventStore(), new MemoryDocumentStore()];
  const parcel = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
  await record(events, 'parcels.parcel-a', parcel, event(ParcelScanned, { hub: 'Köln' }));
  const end = await events.head();
  const log = await events.log();
  await (await Fences.open(documents)).raise(READER, 2n, { checkpoint: undefined, position: 0n });
  expect(await (await Checkpoints.open(documents)).save(READER, { ...end, log }, 1n)).toBe(true);

  process = await ReadingProcess.open({ events, documents }, { leaseMs: 40 });
  await process.project(new ParcelTracking(() => undefined));
  const collection = await documents.collection(READER);
  const found = await until('it was taken', async () => (await collection.get(['a'])).get('a')?.body);
  expect(found).toMatchObject({ trail: ['Köln'] });
});
