import { beforeEach, describe, expect, it } from '@jest/globals';
import { eventsThrough } from '../../test/fallible-stores.js';
import { record } from '../../test/log.js';
import { ParcelRegistered, ParcelTracking } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import type { EventStore } from '../store/event-store.js';
import { DocumentsOfAnotherLog } from './documents-of-another-log.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });

describe('documents that were made from a log', () => {
  let documents: MemoryDocumentStore;
  let events: MemoryEventStore;

  const open = (of: EventStore) =>
    Gesta.open({
      events: of,
      documents,
      projections: [
        { projectionClass: ParcelTracking, definition: projectionDefinition(ParcelTracking, new ParcelTracking()) },
      ],
    });

  beforeEach(async () => {
    documents = new MemoryDocumentStore();
    events = new MemoryEventStore();
    await record(events, 'parcels.parcel-a', registered);
    const gesta = await open(events);
    gesta.start();
    await until('they are there', async () => (await gesta.status()).every(({ lag }) => lag === 0n));
    await gesta.stop();
  });

  it('are used with it again', async () => {
    await expect(open(events)).resolves.toBeInstanceOf(Gesta);
  });

  it('are refused with another one, which says what to set', async () => {
    const refusal = await open(new MemoryEventStore()).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DocumentsOfAnotherLog);
    expect((refusal as Error).message).toMatch(/projection\.parcel-tracking\.v1\.g1 is at .*GESTA_DOCUMENTS_URL/);
  });

  it('are used with a node of the log that was behind for a moment', async () => {
    let asked = 0;
    const behind: EventStore = {
      ...eventsThrough(async (_, work) => work(), events),
      head: async () => ({ ...(await events.head()), ...(++asked < 3 && { position: 0n }) }),
    };
    await expect(open(behind)).resolves.toBeInstanceOf(Gesta);
    expect(asked).toBeGreaterThanOrEqual(3);
  });
});
