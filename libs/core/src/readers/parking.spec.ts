import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough, eventsThrough, mortal, type Fate } from '../../test/fallible-stores.js';
import { record, recordAs } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned, ParcelTracking, VanDeparted, type Trouble } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import { DeadLetters, NoSuchDeadLetter, type DeadLetter } from './dead-letters.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });

/** Fails for this hub, as long as it is not known. */
const unknownHub =
  (name: string): Trouble =>
  (happened) => {
    if ((happened as ParcelScanned).hub === name) throw new Error(`There is no hub in ${name}`);
  };
const noTrouble: Trouble = () => undefined;

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

describe('A poison event', () => {
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
  const bodyOf = async (key: string, collection = 'parcel-tracking') =>
    (await (await documents.collection(collection)).get([key])).get(key)?.body;
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);
  const theLetter = async (letters: { list(): Promise<DeadLetter[]> }) => {
    const all = await letters.list();
    expect(all).toHaveLength(1);
    return all[0]!;
  };
  const freed = (letters: { list(): Promise<DeadLetter[]> }) =>
    until('nothing is set aside', async () => (await letters.list()).length === 0);

  describe('that a fold cannot take', () => {
    beforeEach(async () => {
      await record(events, 'parcels.parcel-a', registered, scanned('Leipzig'), scanned('nowhere'), scanned('Köln'));
      await record(events, 'parcels.parcel-b', registered, scanned('Köln'));
    });

    it('sets its own key aside and no other, and the reader goes on', async () => {
      const { process, reader } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig'] });
      expect(await bodyOf('b')).toMatchObject({ trail: ['Köln'] });
      expect(process.noticed('parked')).toMatchObject([{ reader: 'parcel-tracking', key: 'a', position: 3n }]);
      expect(await reader.status(6n)).toMatchObject({ parked: 1, lag: 0n, error: undefined });
    });

    it('tells an operator all there is to know', async () => {
      const { reader, letters } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      expect(await theLetter(letters)).toMatchObject({
        reader: 'parcel-tracking',
        kind: 'key',
        key: 'a',
        position: '3',
        event: {
          type: 'parcels.parcel-scanned',
          version: 1,
          streamId: 'parcels.parcel-a',
          revision: 2,
          data: { hub: 'nowhere' },
        },
        error: {
          name: 'Error',
          message: 'There is no hub in nowhere',
          stack: expect.stringContaining('parking.spec') as unknown,
        },
        attempts: 3,
      });
    });

    it('has later events of its key wait, and events of other keys not', async () => {
      const { reader } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      await record(events, 'parcels.parcel-a', scanned('Bonn'));
      await record(events, 'parcels.van-1', event(VanDeparted, { parcels: ['a', 'b'] }));
      await tookAll(reader);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig'], status: 'travelling' });
      expect(await bodyOf('b')).toMatchObject({ status: 'in a van' });
    });

    it('is not forgotten over a restart', async () => {
      const { process, reader } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      await process.stop();
      await record(events, 'parcels.parcel-a', scanned('Bonn'));
      const again = await begin(new ParcelTracking());
      await tookAll(again.reader);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig'] });
      await again.letters.retry((await theLetter(again.letters)).id);
      await freed(again.letters);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'nowhere', 'Köln', 'Bonn'] });
    });

    it('is counted by a process that does not own the reader', async () => {
      const { reader } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      const other = await begin(new ParcelTracking());
      expect(await other.reader.status(6n)).toMatchObject({ owner: false, parked: 1, position: 6n });
    });

    it('is taken with all that waits behind it when it is retried after the fix', async () => {
      const projection = new ParcelTracking(unknownHub('nowhere'));
      const { reader, letters } = await begin(projection);
      await tookAll(reader);
      await record(events, 'parcels.parcel-a', scanned('Bonn'));
      await tookAll(reader);
      projection.trouble = noTrouble;
      await letters.retry((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'nowhere', 'Köln', 'Bonn'], at: '7' });
      await record(events, 'parcels.parcel-a', scanned('Kiel'));
      await tookAll(reader);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'nowhere', 'Köln', 'Bonn', 'Kiel'] });
    });

    it('is left out when it is skipped, and nothing else is', async () => {
      const { reader, letters } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      await letters.skip((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'Köln'] });
    });

    it('keeps its letter when it fails again, with the attempts added up and the request done', async () => {
      const { reader, letters } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      const { id } = await theLetter(letters);
      await letters.retry(id);
      const letter = await until('it was tried again', async () => {
        const now = await theLetter(letters);
        return now.attempts > 3 && now;
      });
      expect(letter).toMatchObject({ id, position: '3', attempts: 6 });
      expect(letter.requested).toBeUndefined();
    });

    it('moves its letter to a later event when that is the one that fails now', async () => {
      const projection = new ParcelTracking(unknownHub('nowhere'));
      const { reader, letters } = await begin(projection);
      await tookAll(reader);
      projection.trouble = unknownHub('Köln');
      await letters.retry((await theLetter(letters)).id);
      await until('the letter has moved', async () => (await theLetter(letters)).position === '4');
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'nowhere'] });
      projection.trouble = noTrouble;
      await letters.retry((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'nowhere', 'Köln'] });
    });

    it('can be retried or skipped before the reader that met it runs again', async () => {
      const { process, reader, letters } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      await process.stop();
      await letters.skip((await theLetter(letters)).id);
      await begin(new ParcelTracking(unknownHub('nowhere')));
      await freed(letters);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'Köln'] });
    });

    it('of several keys is taken for those that can take it', async () => {
      await record(events, 'parcels.van-1', event(VanDeparted, { parcels: ['a', 'b'] }));
      const { reader } = await begin(new ParcelTracking(unknownHub('nowhere')));
      await tookAll(reader);
      expect(await bodyOf('a')).toMatchObject({ status: 'travelling' });
      expect(await bodyOf('b')).toMatchObject({ status: 'in a van' });
    });

    it('is left out once when the process died before its checkpoint had passed it', async () => {
      const fate = { now: undefined as Fate };
      const { around, dead } = mortal((call) => (call === 'put gesta.checkpoints' ? fate.now : undefined));
      fate.now = 'before';
      await begin(new ParcelTracking(unknownHub('nowhere')), { documents: documentsThrough(around, documents) });
      await until('it has died', dead);
      const letters = await DeadLetters.open(documents);
      await letters.skip((await theLetter(letters)).id);
      // Requests are looked at before the event comes again.
      const looked = gate();
      let times = 0;
      const { process } = await begin(new ParcelTracking(unknownHub('nowhere')), {
        documents: documentsThrough(async (call, work) => {
          if (call === 'find gesta.dead-letters' && ++times === 3) looked.open();
          return work();
        }, documents),
        events: eventsThrough(async (call, work) => {
          if (call === 'subscribe') await looked.opened;
          return work();
        }, events),
      });
      await freed(letters);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Leipzig', 'Köln'] });
      expect(process.noticed('parked')).toEqual([]);
    });
  });

  describe('whose key cannot be told', () => {
    it('sets its stream aside, and no other', async () => {
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

    it('has no event before it lost when the process dies between setting it aside and the rest', async () => {
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
        return now.position === '2' && now;
      });
      expect(letter).toMatchObject({ kind: 'stream', error: { name: 'GonePast' } });
      expect(await bodyOf('nowhere', 'weights')).toEqual({ scans: 1 });
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 1 });
      await letters.skip(letter.id);
      await freed(letters);
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 1 });
    });

    it('sets the key of a later event aside when that is what fails now', async () => {
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
      await until('the key is set aside in its place', async () => (await theLetter(letters)).kind === 'key');
      expect(await theLetter(letters)).toMatchObject({ key: 'Atlantis', position: '2' });
      expect(await bodyOf('Bonn', 'weights')).toEqual({ scans: 2 });
      projection.broken = false;
      await letters.retry((await theLetter(letters)).id);
      await freed(letters);
      expect(await bodyOf('Atlantis', 'weights')).toEqual({ scans: 1 });
    });

    it('is no loss for a key that was set aside too, in whatever order they are retried', async () => {
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
    it('sets its stream aside, as it is in the log', async () => {
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

    it('sets its stream aside also when the upcaster makes of it what JSON cannot hold', async () => {
      await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-weighed', data: { kilos: 'two' } });
      await recordAs(events, 'parcels.parcel-b', { type: 'parcels.parcel-weighed', data: { kilos: 2 } });
      const { reader, letters } = await begin(new Weights());
      await tookAll(reader);
      expect(await theLetter(letters)).toMatchObject({ kind: 'stream', event: { version: 1, data: { kilos: 'two' } } });
      expect(await bodyOf('b', 'weights')).toEqual({ grams: 2_000 });
    });
  });

  it('that was lifted before its fold failed is shown as it is in the log', async () => {
    await recordAs(events, 'parcels.parcel-a', {
      type: 'parcels.parcel-announced',
      data: { receiver: 'Ada', weight: 2 },
    });
    const trouble: Trouble = () => {
      throw new TypeError('No');
    };
    const { reader, letters } = await begin(new ParcelTracking(trouble));
    await tookAll(reader);
    expect((await theLetter(letters)).event).toMatchObject({
      type: 'parcels.parcel-announced',
      version: 1,
      data: { receiver: 'Ada', weight: 2 },
    });
  });

  it('that leads to a document that JSON cannot hold sets its key aside', async () => {
    @Projection({ name: 'weights' })
    class Averages {
      @Project(ParcelRegistered)
      registered({ grams }: ParcelRegistered) {
        return { average: grams / 0 };
      }
    }
    await record(events, 'parcels.parcel-a', registered);
    const { reader, letters } = await begin(new Averages());
    await tookAll(reader);
    expect(await theLetter(letters)).toMatchObject({ kind: 'key', key: 'a', error: { name: 'NotJson' } });
  });

  it('whose key no document could have sets its stream aside', async () => {
    await record(events, 'parcels.parcel-a', scanned('\ud800'), scanned('Bonn'));
    await record(events, 'parcels.parcel-b', scanned('Köln'));
    const { reader, letters } = await begin(new Weights());
    await tookAll(reader);
    expect(await theLetter(letters)).toMatchObject({ kind: 'stream', key: 'parcels.parcel-a' });
    expect(await bodyOf('Köln', 'weights')).toEqual({ scans: 1 });
  });

  it('that throws what is no error is told of all the same', async () => {
    await record(events, 'parcels.parcel-a', registered);
    const thrown: Trouble = () => {
      throw Object.create(null); // oxlint-disable-line typescript/only-throw-error -- some do
    };
    const { reader, letters } = await begin(new ParcelTracking(thrown));
    await tookAll(reader);
    expect(await theLetter(letters)).toMatchObject({ key: 'a', error: { name: 'Error' } });
  });

  it('that somebody else has freed is taken from where it waited', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('nowhere'), scanned('Köln'));
    const projection = new ParcelTracking(unknownHub('nowhere'));
    const { reader, letters } = await begin(projection);
    await tookAll(reader);
    projection.trouble = noTrouble;
    await letters.remove((await theLetter(letters)).id); // a former owner that was paused while it did so
    await until('the key has gone on', async () => ((await bodyOf('a'))?.trail as string[] | undefined)?.length === 2);
    await record(events, 'parcels.parcel-a', scanned('Bonn'));
    await tookAll(reader);
    expect(await bodyOf('a')).toMatchObject({ trail: ['nowhere', 'Köln', 'Bonn'] });
  });

  it('cannot be retried or skipped where there is none', async () => {
    const { letters } = await begin(new ParcelTracking());
    await expect(letters.retry('no-such-letter')).rejects.toThrow(NoSuchDeadLetter);
    await expect(letters.skip('no-such-letter')).rejects.toThrow(NoSuchDeadLetter);
  });

  it('is listed with its reader, as many as are asked for', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('nowhere'));
    await record(events, 'parcels.parcel-b', registered, scanned('nowhere'));
    const { reader, letters } = await begin(new ParcelTracking(unknownHub('nowhere')));
    await tookAll(reader);
    expect(await letters.list({ reader: 'parcel-tracking' })).toHaveLength(2);
    expect(await letters.list({ reader: 'parcel-tracking', limit: 1 })).toHaveLength(1);
    expect(await letters.list({ reader: 'another' })).toEqual([]);
  });
});
