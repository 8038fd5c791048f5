import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough, mortal } from '../../test/fallible-stores.js';
import { record, recordAs } from '../../test/log.js';
import { ParcelScanned } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import type { DeadLetter } from './dead-letters.js';

const scanned = (hub: string) => event(ParcelScanned, { hub });

@Event('parcels.parcel-weighed', {
  version: 2,
  upcast: {
    1: ({ kilos }: { kilos?: number }) => {
      if (!scales.repaired && kilos === undefined) throw new Error('How heavy?');
      return { grams: (kilos ?? 1) * 1_000 };
    },
  },
})
class ParcelWeighed {
  readonly grams!: number;
}
const scales = { repaired: false };

/** How much weighs what; by weight, so that the key takes computing. */
@Projection({ name: 'weights' })
class Weights {
  broken = true;

  @Project(ParcelWeighed)
  weighed({ grams }: ParcelWeighed) {
    return { grams };
  }

  @Project(ParcelScanned, ({ hub }) => {
    if (hub === 'nowhere' && !scales.repaired) throw new Error('Where is that?');
    return hub;
  })
  scanned({ hub }: ParcelScanned, before: { scans: number } | undefined) {
    if (hub === 'Atlantis' && this.broken) throw new Error('It has sunk');
    return { scans: (before?.scans ?? 0) + 1 };
  }
}

describe('An event', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
    scales.repaired = false;
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (projection: object, stores: Partial<Stores> = {}) => {
    const process = await ReadingProcess.open({ events, documents, ...stores }, { leaseMs: 40 });
    processes.push(process);
    const { reader } = await process.project(projection);
    return { process, reader, letters: process.deadLetters };
  };
  const bodyOf = async (key: string, collection: string) =>
    (await (await documents.collection(collection)).get([key])).get(key)?.body;
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);
  const theLetter = async (letters: { list(): Promise<DeadLetter[]> }) => {
    const all = await letters.list();
    expect(all).toHaveLength(1);
    return all[0]!;
  };
  const freed = (letters: { list(): Promise<DeadLetter[]> }) =>
    until('nothing is parked', async () => (await letters.list()).length === 0);

  describe('whose key cannot be told', () => {
    it('parks its stream, and no other', async () => {
      await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('nowhere'), scanned('Bonn'));
      await record(events, 'parcels.parcel-b', scanned('Köln'));
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      expect(await theLetter(letters)).toMatchObject({ kind: 'stream', key: 'parcels.parcel-a', position: '2' });
      expect(await bodyOf('Köln', 'weights')).toEqual({ scans: 2 });
      expect(await bodyOf('Bonn', 'weights')).toBeUndefined();
    });

    it('goes on with all that waits behind it when it is retried after the fix', async () => {
      await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('nowhere'), scanned('Bonn'), scanned('Bonn'));
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      scales.repaired = true;
      await letters.retry((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('nowhere', 'weights')).toEqual({ scans: 1 });
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 2 });
    });

    it('is left out when it is skipped', async () => {
      await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('nowhere'), scanned('Bonn'));
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      await letters.skip((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 1 });
    });

    it('keeps its letter when its key still cannot be told', async () => {
      await record(events, 'parcels.parcel-a', scanned('nowhere'), scanned('Bonn'));
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      await letters.retry((await theLetter(letters)).id);
      await until('it was tried again', async () => (await theLetter(letters)).attempts === 2);
      expect(await bodyOf('Bonn', 'weights')).toBeUndefined();
    });

    it('has no event before it lost when the process dies between parking it and the rest', async () => {
      await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('nowhere'), scanned('Bonn'));
      for (const when of ['before', 'after'] as const) {
        const { around, dead } = mortal((call) => (call === 'put gesta.dead-letters' ? when : undefined));
        await begin(new Weights(), { documents: documentsThrough(around, documents) });
        await until('it has died', dead);
      }
      const { reader } = await begin(new Weights());
      await tookAll(reader);
      expect(await bodyOf('Köln', 'weights')).toEqual({ scans: 1 });
    });

    it('says so where a document has gone past what was held back', async () => {
      await record(events, 'parcels.parcel-a', scanned('nowhere'), scanned('Bonn'));
      await record(events, 'parcels.parcel-b', scanned('Bonn'));
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      scales.repaired = true;
      await letters.retry((await theLetter(letters)).id);
      const letter = await until('it has gone on to the event that comes too late', async () => {
        const now = await theLetter(letters);
        return now.position === '2' && now.error.name === 'GonePast' && now; // first it has only moved on
      });
      expect(letter).toMatchObject({ kind: 'stream' });
      expect(await bodyOf('nowhere', 'weights')).toEqual({ scans: 1 });
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 1 });
      await letters.skip(letter.id);
      await freed(letters);
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 1 });
    });

    it('parks the key of a later event when that is what fails now', async () => {
      await record(
        events,
        'parcels.parcel-a',
        scanned('nowhere'),
        scanned('Atlantis'),
        scanned('Bonn'),
        scanned('Bonn'),
      );
      const projection = new Weights();
      const { reader, letters } = await begin(projection);
      await tookAll(reader);
      scales.repaired = true;
      await letters.retry((await theLetter(letters)).id);
      await until('the key is parked in its place', async () => {
        const kinds = (await letters.list()).map(({ kind }) => kind);
        return kinds.join() === 'key'; // for a moment, both are
      });
      expect(await theLetter(letters)).toMatchObject({ key: 'Atlantis', position: '2' });
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 2 });
      projection.broken = false;
      await letters.retry((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('Atlantis', 'weights')).toEqual({ scans: 1 });
    });

    it('is no loss for a key that was parked too, in whatever order they are retried', async () => {
      for (const order of [
        ['stream', 'key'],
        ['key', 'stream'],
      ] as const) {
        events = new MemoryEventStore();
        documents = new MemoryDocumentStore();
        scales.repaired = false;
        await record(events, 'parcels.parcel-a', scanned('nowhere'), scanned('Atlantis'));
        await record(events, 'parcels.parcel-b', scanned('Atlantis'));
        await record(events, 'parcels.parcel-a', scanned('Atlantis'));
        const projection = new Weights();
        const { reader, letters } = await begin(projection);
        await tookAll(reader);
        expect((await letters.list()).map(({ kind }) => kind).sort()).toEqual(['key', 'stream']);
        scales.repaired = true;
        projection.broken = false;
        for (const kind of order) {
          const letter = (await letters.list()).find((each) => each.kind === kind)!;
          await letters.retry(letter.id);
          await until('that was done', async () => (await letters.get(letter.id))?.requested !== 'retry');
        }
        const left = await letters.list();
        if (order[0] === 'stream') {
          expect(left).toEqual([]);
          expect(await bodyOf('Atlantis', 'weights')).toEqual({ scans: 3 });
        } else {
          // The key went on without what its stream held back: that is said, and not left out in silence.
          expect(left).toMatchObject([{ kind: 'stream', position: '2', error: { name: 'GonePast' } }]);
          expect(await bodyOf('Atlantis', 'weights')).toEqual({ scans: 1 });
        }
      }
    });

    it('parks a key that waits already, from the earlier event of the two', async () => {
      await record(events, 'parcels.parcel-a', scanned('nowhere'), scanned('Atlantis'));
      await record(events, 'parcels.parcel-b', scanned('Atlantis'));
      const projection = new Weights();
      const { reader, letters } = await begin(projection);
      await tookAll(reader);
      scales.repaired = true;
      await letters.retry((await letters.list()).map(({ id }) => id));
      await until('that was done', async () => (await letters.list()).every((letter) => !letter.requested));
      expect(await theLetter(letters)).toMatchObject({ kind: 'key', key: 'Atlantis', position: '2' });
      projection.broken = false;
      await letters.retry((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('Atlantis', 'weights')).toEqual({ scans: 2 });
    });

    it('takes nothing for gone past that it has taken itself, though the process died in between', async () => {
      await record(events, 'parcels.parcel-a', scanned('nowhere'), scanned('Bonn'), scanned('Bonn'), scanned('Bonn'));
      const first = await begin(new Weights());
      await tookAll(first.reader);
      await first.process.stop();
      scales.repaired = true;
      await first.letters.retry((await theLetter(first.letters)).id);
      for (const [nth, when] of [
        [2, 'after'],
        [2, 'before'],
      ] as const) {
        let calls = 0;
        const { around, dead } = mortal((call) => (call === 'put weights' && calls++ === nth - 1 ? when : undefined));
        await begin(new Weights(), { documents: documentsThrough(around, documents) });
        await until('it has died', dead);
      }
      await begin(new Weights());
      await freed(first.letters);
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 3 });
    });
  });

  describe('that an upcaster cannot lift', () => {
    it('parks its stream, as it is in the log', async () => {
      await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-weighed', data: { grains: 9 } });
      await recordAs(events, 'parcels.parcel-b', { type: 'parcels.parcel-weighed', data: { kilos: 2 } });
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      expect(await theLetter(letters)).toMatchObject({
        kind: 'stream',
        event: { version: 1, data: { grains: 9 } },
        error: { name: 'UpcastFailed' },
      });
      expect(await bodyOf('b', 'weights')).toEqual({ grams: 2_000 });
    });

    it('is taken when it is retried after the fix', async () => {
      await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-weighed', data: { grains: 9 } });
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      scales.repaired = true;
      await letters.retry((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('a', 'weights')).toEqual({ grams: 1_000 });
    });

    it('parks its stream also when the upcaster makes of it what JSON cannot hold', async () => {
      await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-weighed', data: { kilos: 'two' } });
      await recordAs(events, 'parcels.parcel-b', { type: 'parcels.parcel-weighed', data: { kilos: 2 } });
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      expect(await theLetter(letters)).toMatchObject({ kind: 'stream', event: { version: 1, data: { kilos: 'two' } } });
      expect(await bodyOf('b', 'weights')).toEqual({ grams: 2_000 });
    });
  });

  it('whose key no document could have parks its stream', async () => {
    await record(events, 'parcels.parcel-a', scanned('\ud800'), scanned('Bonn'));
    await record(events, 'parcels.parcel-b', scanned('Köln'));
    const { reader, letters } = await begin(new Weights());
    await tookAll(reader);
    expect(await theLetter(letters)).toMatchObject({ kind: 'stream', key: 'parcels.parcel-a' });
    expect(await bodyOf('Köln', 'weights')).toEqual({ scans: 1 });
  });
});
