import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough, eventsThrough, mortal, type Fate } from '../../test/fallible-stores.js';
import { record, recordAs } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned, ParcelTracking, VanDeparted, type Trouble } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
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

describe('A poison event', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (projection: object, stores: Partial<Stores> = {}) => {
    const process = await ReadingProcess.open({ events, documents, ...stores }, { leaseMs: 40 });
    processes.push(process);
    const { reader } = await process.project(projection);
    return { process, reader, letters: process.deadLetters };
  };
  const bodyOf = async (key: string) =>
    (await (await documents.collection('parcel-tracking')).get([key])).get(key)?.body;
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);
  const theLetter = async (letters: { list(): Promise<DeadLetter[]> }) => {
    const all = await letters.list();
    expect(all).toHaveLength(1);
    return all[0]!;
  };
  const freed = (letters: { list(): Promise<DeadLetter[]> }) =>
    until('nothing is parked', async () => (await letters.list()).length === 0);

  describe('that a fold cannot take', () => {
    beforeEach(async () => {
      await record(events, 'parcels.parcel-a', registered, scanned('Leipzig'), scanned('nowhere'), scanned('Köln'));
      await record(events, 'parcels.parcel-b', registered, scanned('Köln'));
    });

    it('parks its own key and no other, and the reader goes on', async () => {
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

  it('that leads to a document that JSON cannot hold parks its key', async () => {
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

  it('that somebody else has left out and freed is left out', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('nowhere'));
    const first = await begin(new ParcelTracking(unknownHub('nowhere')));
    await tookAll(first.reader);
    await first.process.stop();
    const { letters } = first;
    const { id } = await theLetter(letters);
    await letters.skip(id);
    const [looks, gone] = [gate(), gate()];
    let times = 0;
    const { process, reader } = await begin(new ParcelTracking(unknownHub('nowhere')), {
      documents: documentsThrough(async (call, work) => {
        if (call === 'find gesta.dead-letters' && ++times === 2) {
          looks.open();
          await gone.opened;
        }
        return work();
      }, documents),
    });
    await looks.opened; // and knows of the letter since it began
    await letters.remove(id);
    gone.open();
    await until('it goes on', () => reader.parked === 0);
    expect(process.noticed('parked')).toEqual([]);
    await record(events, 'parcels.parcel-a', scanned('Köln'));
    await tookAll(reader);
    expect(await bodyOf('a')).toMatchObject({ trail: ['Köln'] });
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
