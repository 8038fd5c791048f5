import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { collectionThrough, dyingAt, mortal, type Around } from '../../test/fallible-stores.js';
import { keyed, record, wholeLog } from '../../test/log.js';
import { ParcelErased, ParcelJournal, ParcelRegistered, ParcelScanned, VanDeparted } from '../../test/parcels.js';
import { event, type DomainEvent } from '../events/domain-event.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { DocumentCollection } from '../store/document-store.js';
import { ProjectionConsumer } from './projection-consumer.js';
import { projectionDefinition } from './projection-definition.js';

const PARCELS = ['a', 'b', 'c'];
const definition = projectionDefinition(ParcelJournal, new ParcelJournal());

/** Something that may happen, and the stream that it happens in. */
const happening: fc.Arbitrary<{ stream: string; happened: DomainEvent }> = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(...PARCELS),
      fc.oneof(
        { arbitrary: fc.constant(event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 })), weight: 2 },
        { arbitrary: fc.constant(event(ParcelScanned, { hub: 'Köln' })), weight: 4 },
        { arbitrary: fc.constant(event(ParcelErased, {})), weight: 1 },
      ),
    )
    .map(([parcel, happened]) => ({ stream: `parcels.parcel-${parcel}`, happened })),
  fc
    .uniqueArray(fc.constantFrom(...PARCELS), { maxLength: 3 })
    .map((parcels) => ({ stream: 'parcels.van-1', happened: event(VanDeparted, { parcels }) })),
);
const history = fc.array(happening, { minLength: 1, maxLength: 25, size: 'max' });

/** How the log is cut: how many events each batch holds, and whether it is absorbed. The last cut goes on. */
const cuts = fc.array(fc.record({ size: fc.integer({ min: 1, max: 6 }), absorbed: fc.boolean() }), {
  minLength: 1,
  maxLength: 8,
  size: 'max',
});
type Cut = typeof cuts extends fc.Arbitrary<readonly (infer C)[]> ? C : never;
const atOnce: readonly Cut[] = [{ size: 1_000, absorbed: false }];

async function logOf(happenings: readonly { stream: string; happened: DomainEvent }[]): Promise<RecordedEvent[]> {
  const store = new MemoryEventStore();
  for (const { stream, happened } of happenings) await record(store, stream, happened);
  return wholeLog(store);
}

/** Every document as it is stored, tombstones included, to be compared byte by byte. */
async function stored(documents: DocumentCollection): Promise<string[]> {
  const all = await documents.get(PARCELS);
  return PARCELS.map((key) => {
    const document = all.get(key);
    return document ? `${key} @${document.version}: ${JSON.stringify(document.body)}` : `${key}: never there`;
  });
}

const newCollection = () => new MemoryDocumentStore().collection('tracking');

/** Gives the log to a consumer of the documents, from the checkpoint to the end, cut as told. */
async function fold(
  log: readonly RecordedEvent[],
  cut: readonly Cut[],
  documents: DocumentCollection,
  checkpoint: { at: number } = { at: 0 },
  aroundCheckpoint: Around = (_, work) => work(),
): Promise<void> {
  const consumer = new ProjectionConsumer(definition, documents);
  consumer.opened(checkpoint.at === 0);
  const reached = (end: number) =>
    aroundCheckpoint('put gesta.checkpoints', async () => {
      checkpoint.at = Math.max(checkpoint.at, end);
    });
  let at = checkpoint.at;
  for (let batch = 0; at < log.length; batch++) {
    const { size, absorbed } = cut[Math.min(batch, cut.length - 1)]!;
    const work = keyed(consumer, log.slice(at, at + size));
    if (absorbed) {
      if (!(await consumer.absorb(work))) throw new Error('It was not absorbed');
      at += size;
      continue;
    }
    await consumer.settle();
    await reached(at);
    expect(await consumer.take(work, { late: false })).toEqual([]);
    await reached((at += size));
  }
  await consumer.settle();
  await reached(at);
}

async function foldedAtOnce(log: readonly RecordedEvent[]): Promise<string[]> {
  const documents = await newCollection();
  await fold(log, atOnce, documents);
  return stored(documents);
}

describe('Folding a log', () => {
  it('makes the same documents of it in whatever batches it comes', async () => {
    await fc.assert(
      fc.asyncProperty(history, cuts, async (happenings, cut) => {
        const log = await logOf(happenings);
        const documents = await newCollection();
        await fold(log, cut, documents);
        expect(await stored(documents)).toEqual(await foldedAtOnce(log));
      }),
      { numRuns: 300 },
    );
  });

  it('makes the same documents of it when the process dies at any call, time and again', async () => {
    const death = fc.record({
      call: fc.nat(15),
      when: fc.constantFrom('before' as const, 'after' as const),
      cut: cuts,
    });
    await fc.assert(
      fc.asyncProperty(history, fc.array(death, { maxLength: 6, size: 'max' }), async (happenings, deaths) => {
        const log = await logOf(happenings);
        const documents = await newCollection();
        const checkpoint = { at: 0 };
        for (const { call, when, cut } of deaths) {
          const { around, dead } = mortal(dyingAt(call, when));
          await fold(log, cut, collectionThrough(around, documents), checkpoint, around).catch((error: unknown) => {
            if (!dead()) throw error;
          });
        }
        await fold(log, atOnce, documents, checkpoint);
        expect(await stored(documents)).toEqual(await foldedAtOnce(log));
      }),
      { numRuns: 300 },
    );
  });

  it('makes the same documents of it when a second owner works beside the first, each at its own speed', async () => {
    await fc.assert(
      fc.asyncProperty(history, cuts, cuts, fc.scheduler(), async (happenings, one, other, scheduler) => {
        const log = await logOf(happenings);
        const documents = await newCollection();
        const slowed = (owner: string): Around => {
          // Both what the store does and when its answer arrives may be late.
          return async (call, work) => {
            await scheduler.schedule(Promise.resolve(), `${owner}: ${call}`);
            const answer = await work();
            await scheduler.schedule(Promise.resolve(), `${owner} hears of ${call}`);
            return answer;
          };
        };
        await scheduler.waitFor(
          Promise.all([
            fold(log, one, collectionThrough(slowed('one'), documents)),
            fold(log, other, collectionThrough(slowed('the other'), documents)),
          ]),
        );
        expect(await stored(documents)).toEqual(await foldedAtOnce(log));
      }),
      { numRuns: 300 },
    );
  });

  describe('by an owner that was paused past its lease', () => {
    let log: RecordedEvent[];
    beforeAll(async () => {
      log = await logOf([
        { stream: 'parcels.parcel-a', happened: event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 }) },
        { stream: 'parcels.parcel-a', happened: event(ParcelScanned, { hub: 'Leipzig' }) },
        { stream: 'parcels.parcel-a', happened: event(ParcelErased, {}) },
      ]);
    });

    it('does not bring a deleted document back', async () => {
      const documents = await newCollection();
      await fold(log.slice(0, 1), atOnce, documents);
      const paused: Around = async (call, work) => {
        if (call.startsWith('put')) await fold(log, atOnce, documents); // meanwhile another owner takes everything
        return work();
      };
      await fold(log.slice(0, 2), atOnce, collectionThrough(paused, documents));
      expect(await stored(documents)).toEqual([
        `a @${log[2]!.position}: undefined`,
        'b: never there',
        'c: never there',
      ]);
    });
  });
});
