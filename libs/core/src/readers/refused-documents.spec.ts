import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough, inBatchesOf, mortal, type Around } from '../../test/fallible-stores.js';
import { record, wholeLog } from '../../test/log.js';
import { ParcelErased, ParcelRegistered, ParcelScanned, ParcelTracking, type Trouble } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { Condition, refusing, refusingCollection, UniqueIndex, type Rule } from '../../test/refusing-store.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import type { DocumentCollection } from '../store/document-store.js';
import { DocumentRefused } from '../store/errors.js';
import { DeadLetters } from './dead-letters.js';
import { putWhatIsTaken } from './refused-documents.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });
const hubs = (count: number, name = 'hub') => Array.from({ length: count }, (_, index) => `${name} ${index}`);

/** Refuses documents whose trail has been through the hub. */
const through = (hub: string) => new Condition(({ trail }) => (trail as string[] | undefined)?.includes(hub) ?? false);

/** The slot that each parcel lies in at present. */
@Projection({ name: 'slots' })
class Slots {
  @Project(ParcelScanned)
  scanned({ hub }: ParcelScanned, before?: { moves: number }) {
    return { slot: hub, moves: (before?.moves ?? 0) + 1 };
  }
}

describe('A document that its store refuses', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (rule: Rule, projection: object = new ParcelTracking(), stores: Partial<Stores> = {}) => {
    const around = { events, documents, ...stores };
    const process = await ReadingProcess.open(
      { ...around, documents: refusing(rule, around.documents) },
      { leaseMs: 40 },
    );
    processes.push(process);
    const { reader } = await process.project(projection);
    return { process, reader, letters: process.deadLetters };
  };
  const stored = async (key: string, collection = 'parcel-tracking') =>
    (await (await documents.collection(collection)).get([key])).get(key);
  const bodyOf = async (key: string, collection?: string) => (await stored(key, collection))?.body;
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);
  const freed = (letters: DeadLetters) => until('nothing is parked', async () => (await letters.list()).length === 0);
  const lettersByKey = async (letters: DeadLetters) =>
    Object.fromEntries((await letters.list()).map(({ key, position }) => [key, position]));

  it('has its key parked at the event that led to it, and all others go on', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('Ulm'), scanned('customs'), scanned('Köln'));
    await record(events, 'parcels.parcel-b', registered, scanned('Köln'));
    const { process, reader, letters } = await begin(through('customs'));
    await tookAll(reader);
    expect(await stored('a')).toMatchObject({ version: 2n, body: { trail: ['Ulm'] } });
    expect(await bodyOf('b')).toMatchObject({ trail: ['Köln'] });
    expect(await letters.list()).toMatchObject([
      {
        reader: 'parcel-tracking',
        kind: 'key',
        key: 'a',
        position: '3',
        event: { type: 'parcels.parcel-scanned', streamId: 'parcels.parcel-a', revision: 2, data: { hub: 'customs' } },
        error: {
          name: 'DocumentRefused',
          message: 'parcel-tracking: the document a is refused: it breaks a rule',
        },
        attempts: 1,
      },
    ]);
    expect(process.noticed('parked')).toMatchObject([
      { reader: 'parcel-tracking', key: 'a', position: 3n, error: expect.any(DocumentRefused) as unknown },
    ]);
    expect(process.noticed('runner-failed')).toEqual([]);
    expect(await reader.status(6n)).toMatchObject({ parked: 1, lag: 0n, error: undefined });
  });

  it('has later events of its key wait, and those of other keys not', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('customs'));
    const { reader } = await begin(through('customs'));
    await tookAll(reader);
    await record(events, 'parcels.parcel-a', scanned('Bonn'), event(ParcelErased, {}));
    await record(events, 'parcels.parcel-b', registered);
    await tookAll(reader);
    expect(await bodyOf('a')).toMatchObject({ trail: [] });
    expect(await bodyOf('b')).toMatchObject({ trail: [] });
  });

  it('has each of several keys of one batch parked at an event of its own', async () => {
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) {
      await record(events, `parcels.parcel-${key}`, registered, scanned('Ulm'));
      if ('bcefg'.includes(key)) await record(events, `parcels.parcel-${key}`, scanned('customs'), scanned('Bonn'));
    }
    const { reader, letters } = await begin(through('customs'));
    await tookAll(reader);
    expect(await lettersByKey(letters)).toEqual({ b: '5', c: '9', e: '15', f: '19', g: '23' });
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g']) expect(await bodyOf(key)).toMatchObject({ trail: ['Ulm'] });
  });

  it('is whole after the fix and a retry, with all that waited behind it', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('customs'), scanned('Köln'));
    const rule = through('customs');
    const { reader, letters } = await begin(rule);
    await tookAll(reader);
    await record(events, 'parcels.parcel-a', scanned('Bonn'));
    await tookAll(reader);
    rule.refuses = () => false;
    await letters.retry((await letters.list())[0]!.id);
    await freed(letters);
    expect(await bodyOf('a')).toMatchObject({ trail: ['customs', 'Köln', 'Bonn'], at: '4' });
    await record(events, 'parcels.parcel-a', scanned('Kiel'));
    await tookAll(reader);
    expect(await bodyOf('a')).toMatchObject({ trail: ['customs', 'Köln', 'Bonn', 'Kiel'] });
  });

  it('keeps its letter when it is retried before the fix, with the attempts added up', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('customs'), scanned('Köln'));
    const { reader, letters } = await begin(through('customs'));
    await tookAll(reader);
    await letters.retry((await letters.list())[0]!.id);
    const [letter] = await until('it was tried again', async () => {
      const list = await letters.list();
      return list[0]!.attempts > 1 && list;
    });
    expect(letter).toMatchObject({ position: '2', attempts: 2 });
    expect(letter!.requested).toBeUndefined();
    expect(await bodyOf('a')).toMatchObject({ trail: [] });
  });

  it('moves its letter to the event with which it is refused now', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('customs'), scanned('Köln'), scanned('Bonn'));
    const rule = through('customs');
    const { reader, letters } = await begin(rule);
    await tookAll(reader);
    rule.refuses = through('Bonn').refuses;
    await letters.retry((await letters.list())[0]!.id);
    await until('the letter has moved', async () => (await lettersByKey(letters)).a === '4');
    expect(await bodyOf('a')).toMatchObject({ trail: ['customs', 'Köln'] });
  });

  it('goes on without the event when that is skipped', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('customs'), scanned('Köln'));
    const { reader, letters } = await begin(through('customs'));
    await tookAll(reader);
    await letters.skip((await letters.list())[0]!.id);
    await freed(letters);
    expect(await bodyOf('a')).toMatchObject({ trail: ['Köln'] });
  });

  describe('in a batch in which its fold fails too', () => {
    const noSuchHub: Trouble = (happened) => {
      if ((happened as ParcelScanned).hub === 'nowhere') throw new Error('There is no such hub');
    };

    it('has its key parked at the event that comes first', async () => {
      await record(events, 'parcels.parcel-a', registered, scanned('customs'), scanned('nowhere'), scanned('Bonn'));
      await record(events, 'parcels.parcel-b', registered, scanned('nowhere'), scanned('customs'), scanned('Bonn'));
      const { reader, letters } = await begin(through('customs'), new ParcelTracking(noSuchHub));
      await tookAll(reader);
      expect((await letters.list()).sort((one, other) => (one.key < other.key ? -1 : 1))).toMatchObject([
        { key: 'a', position: '2', error: { name: 'DocumentRefused' }, attempts: 1 },
        { key: 'b', position: '6', error: { message: 'There is no such hub' }, attempts: 3 },
      ]);
      expect(await bodyOf('a')).toMatchObject({ trail: [] });
      expect(await bodyOf('b')).toMatchObject({ trail: [] });
    });

    it('is stored when a later event makes it good before that', async () => {
      const heavy = new Condition(({ trail }) => ((trail as string[] | undefined)?.length ?? 0) > 1);
      await record(
        events,
        'parcels.parcel-a',
        registered,
        scanned('Ulm'),
        scanned('Bonn'),
        registered,
        scanned('nowhere'),
      );
      const { reader, letters } = await begin(heavy, new ParcelTracking(noSuchHub));
      await tookAll(reader);
      expect(await lettersByKey(letters)).toEqual({ a: '5' });
      expect(await stored('a')).toMatchObject({ version: 4n, body: { trail: [] } });
    });
  });

  it('is taken after all where only another document of the same batch was in its way', async () => {
    // The two change slots by way of a third: in the order of the log neither is in the way of the other.
    await record(events, 'parcels.parcel-b', scanned('slot 2'));
    await record(events, 'parcels.parcel-a', scanned('slot 1'));
    const { process, reader, letters } = await begin(new UniqueIndex('slot'), new Slots());
    await tookAll(reader);
    await process.stop();
    await record(events, 'parcels.parcel-b', scanned('slot 3'));
    await record(events, 'parcels.parcel-a', scanned('slot 2'));
    await record(events, 'parcels.parcel-b', scanned('slot 1'));
    const again = await begin(new UniqueIndex('slot'), new Slots());
    await tookAll(again.reader);
    expect(await letters.list()).toEqual([]);
    expect(await bodyOf('a', 'slots')).toEqual({ slot: 'slot 2', moves: 2 });
    expect(await bodyOf('b', 'slots')).toEqual({ slot: 'slot 1', moves: 3 });
  });

  it('is refused for a unique index until that is dropped', async () => {
    await record(events, 'parcels.parcel-a', scanned('slot 1'));
    await record(events, 'parcels.parcel-b', scanned('slot 1'));
    await record(events, 'parcels.parcel-b', scanned('slot 1'));
    const index = new UniqueIndex('slot');
    const { reader, letters } = await begin(index, new Slots());
    await tookAll(reader);
    expect(await lettersByKey(letters)).toEqual({ b: '2' });
    index.dropped = true;
    await letters.retry((await letters.list())[0]!.id);
    await freed(letters);
    expect(await bodyOf('b', 'slots')).toEqual({ slot: 'slot 1', moves: 2 });
  });

  it('that the store cannot name makes the reader fail and try again', async () => {
    await record(events, 'parcels.parcel-a', registered);
    const nameless: Around = async (call, work) => {
      if (call === 'put parcel-tracking') throw new DocumentRefused('another', 'A document is refused');
      return work();
    };
    const { process, reader } = await begin(new Condition(() => false), new ParcelTracking(), {
      documents: documentsThrough(nameless, documents),
    });
    await until('it has failed', () => process.noticed('runner-failed').length > 1);
    expect(reader.reached.now).toBe(0n);
  });

  it('is parked once when the process dies before the letter, or before the checkpoint', async () => {
    await record(events, 'parcels.parcel-a', registered, scanned('Ulm'), scanned('customs'), scanned('Köln'));
    await record(events, 'parcels.parcel-b', registered);
    for (const call of ['put gesta.dead-letters', 'put gesta.checkpoints']) {
      const { around, dead } = mortal((each) => (each === call ? 'before' : undefined));
      await begin(through('customs'), new ParcelTracking(), { documents: documentsThrough(around, documents) });
      await until('it has died', dead);
    }
    const { reader, letters } = await begin(through('customs'));
    await tookAll(reader);
    expect(await letters.list()).toMatchObject([{ key: 'a', position: '3', attempts: 1 }]);
    expect(await bodyOf('a')).toMatchObject({ trail: ['Ulm'] });
    expect(await bodyOf('b')).toMatchObject({ trail: [] });
  });

  describe('in a backlog', () => {
    beforeEach(async () => {
      await record(events, 'parcels.parcel-b', registered, ...hubs(5).map(scanned));
      await record(events, 'parcels.parcel-a', registered, scanned('Ulm'), scanned('customs'), scanned('Köln'));
      await record(events, 'parcels.parcel-b', ...hubs(9, 'later').map(scanned));
      await record(events, 'parcels.parcel-c', registered, scanned('customs'), scanned('Bonn'));
      await record(events, 'parcels.parcel-d', registered, ...hubs(7).map(scanned));
    });

    const expectThatTheOthersWentOn = async (letters: DeadLetters) => {
      expect(await lettersByKey(letters)).toEqual({ a: '9', c: '21' });
      expect(await stored('a')).toMatchObject({ version: 8n, body: { trail: ['Ulm'] } });
      expect(await stored('c')).toMatchObject({ version: 20n, body: { trail: [] } });
      expect(await bodyOf('b')).toMatchObject({ trail: [...hubs(5), ...hubs(9, 'later')] });
      expect(await bodyOf('d')).toMatchObject({ trail: hubs(7) });
    };

    it('has its key parked at its event, as anywhere', async () => {
      const rule = through('customs');
      const { process, reader, letters } = await begin(rule, undefined, { events: inBatchesOf(2, events) });
      await tookAll(reader);
      await expectThatTheOthersWentOn(letters);
      expect(process.noticed('runner-failed')).toEqual([]);
      expect(process.noticed('lease-taken')).toHaveLength(1); // and kept while the stretch was read again
      rule.refuses = () => false;
      for (const { id } of await letters.list()) await letters.retry(id);
      await freed(letters);
      expect(await bodyOf('a')).toMatchObject({ trail: ['Ulm', 'customs', 'Köln'] });
      expect(await bodyOf('c')).toMatchObject({ trail: ['customs', 'Bonn'] });
    });

    it('has it parked when what was absorbed is settled for an operator', async () => {
      const waiting = (await wholeLog(events)).at(-1)!;
      const unfit = { key: 'd', event: waiting, error: new Error('No'), attempts: 1 };
      const before = await DeadLetters.open(documents);
      const letter = (await before.park('parcel-tracking', 'key', [unfit], undefined))[0]!;
      await before.retry(letter.id);

      // The request is seen when all but the last batch is absorbed, and that comes when a document was refused.
      const [absorbed, refused] = [gate(), gate()];
      const rule = through('customs');
      const { refuses } = rule;
      rule.refuses = (body) => {
        if (refuses(body)) refused.open();
        return refuses(body);
      };
      let looks = 0;
      const { process, letters } = await begin(rule, undefined, {
        events: {
          ...inBatchesOf(2, events),
          subscribe: async function* (options) {
            for await (const batch of inBatchesOf(2, events).subscribe(options)) {
              if (batch.caughtUp) {
                absorbed.open();
                await refused.opened;
              }
              yield batch;
            }
          },
        },
        documents: documentsThrough(async (call, work) => {
          const answer = await work();
          if (call === 'find gesta.dead-letters' && ++looks === 2) await absorbed.opened;
          return answer;
        }, documents),
      });
      await until('the request is done', async () => (await letters.get(letter.id)) === undefined);
      await expectThatTheOthersWentOn(letters);
      expect(process.noticed('runner-failed')).toEqual([]);
    });

    it('has it parked when the reader is stopped in the middle of it and another one takes over', async () => {
      const seen = gate();
      const first = await begin(
        through('customs'),
        new ParcelTracking((_, { position }) => {
          if (position === 18n) seen.open();
        }),
        { events: inBatchesOf(2, events) },
      );
      await seen.opened;
      await first.process.stop();
      const { reader, letters } = await begin(through('customs'), undefined, { events: inBatchesOf(3, events) });
      await tookAll(reader);
      await expectThatTheOthersWentOn(letters);
    });
  });
});

describe('Documents many of which their store refuses', () => {
  it('are put only some times each, and all that can be are stored', async () => {
    const collection = await new MemoryDocumentStore().collection('tracking');
    const odd = refusingCollection(new Condition(({ n }) => Number(n) % 2 === 1), collection);
    const times = new Map<string, number>();
    const counted: DocumentCollection = {
      ...odd,
      put: (documents) => {
        for (const { key } of documents) times.set(key, (times.get(key) ?? 0) + 1);
        return odd.put(documents);
      },
    };
    const documents = Array.from({ length: 1_000 }, (_, n) => ({ key: `key-${n}`, version: 1n, body: { n } }));
    const { refused } = await putWhatIsTaken(counted, documents);
    expect([...refused.keys()].sort()).toEqual(documents.flatMap(({ key }, n) => (n % 2 ? [key] : [])).sort());
    expect(await collection.count({})).toBe(500);
    expect(Math.max(...times.values())).toBeLessThanOrEqual(11); // log2(1,000), and once more
  });
});
