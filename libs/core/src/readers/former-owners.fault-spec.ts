import { beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough, eventsThrough, type Around } from '../../test/fallible-stores.js';
import { record, wholeLog } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned, ParcelTracking } from '../../test/parcels.js';
import { ReadingProcess } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { DocumentStore } from '../store/document-store.js';
import { DeadLetters, type DeadLetter, type Unfit } from './dead-letters.js';
import { FencedOff, Fences } from './fences.js';

const READER = 'parcel-tracking';
const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });
const broken = () =>
  new ParcelTracking((happened) => {
    if ((happened as ParcelScanned).hub === 'nowhere') throw new Error('There is no such hub');
  });

/** A process that stands still at its nth write, before it or when it is done, until it is told to go on. */
function standingStillAt(nth: number, when: 'before' | 'after') {
  const [still, going] = [gate(), gate()];
  let writes = 0;
  let isStill = false;
  const around: Around = async (call, work) => {
    if (isStill) await going.opened;
    const isWrite = call.startsWith('put ') && call !== 'put gesta.leases';
    if (!isWrite || writes++ !== nth) return work();
    const stand = async () => {
      isStill = true;
      still.open();
      await going.opened;
    };
    if (when === 'before') await stand();
    const answer = await work();
    if (when === 'after') await stand();
    return answer;
  };
  return { around, still: still.opened, goOn: going.open };
}

/** One owner after another follows a log; the first stands still at its nth write while the second one works. */
async function lives(nth: number, when: 'before' | 'after', isFixedAtOnce: boolean) {
  const [events, documents] = [new MemoryEventStore(), new MemoryDocumentStore()];
  const letters = await DeadLetters.open(documents);
  const processes: ReadingProcess[] = [];
  const begin = async (projection: object, around: Around = (_, work) => work()) => {
    const stores = { events: eventsThrough(around, events), documents: documentsThrough(around, documents) };
    const process = await ReadingProcess.open(stores, { leaseMs: 30 });
    processes.push(process);
    return { process, ...(await process.project(projection)) };
  };
  const tookAll = ({ reader }: { reader: { owner: boolean; readTo: bigint } }) =>
    until('it has taken the log', async () => reader.owner && reader.readTo === (await events.head()).position);
  const nothingAsked = () =>
    until('nothing is asked', async () => (await letters.list()).every(({ requested }) => requested === undefined));

  const pause = standingStillAt(nth, when);
  let isStill = false;
  void pause.still.then(() => (isStill = true));
  const orStill = (work: Promise<unknown>) => Promise.race([work, pause.still]);
  try {
    await record(events, 'parcels.parcel-a', registered, scanned('Ulm'), scanned('nowhere'), scanned('Köln'));
    await record(events, 'parcels.parcel-b', registered, scanned('nowhere'));
    const first = await begin(broken(), pause.around);
    await orStill(tookAll(first));
    for (const request of ['retry', 'skip'] as const) {
      const a = (await letters.list()).find(({ key }) => key === 'a');
      if (!a || isStill) break;
      await letters[request](a.id);
      await orStill(nothingAsked());
    }
    await record(events, 'parcels.parcel-b', scanned('Bonn'));
    if (!isStill) await orStill(tookAll(first));
    const stoodStill = isStill;

    if (stoodStill) {
      const second = await begin(isFixedAtOnce ? new ParcelTracking() : broken());
      await tookAll(second);
      await letters.retry((await letters.list()).map(({ id }) => id));
      await nothingAsked();
      await record(events, 'parcels.parcel-a', scanned('Rom'));
      await record(events, 'parcels.parcel-b', scanned('Rom'));
      await tookAll(second);
      pause.goOn();
      await until('the first has noticed', () => first.process.noticed('lease-lost').length > 0);
      await first.process.stop();
      await record(events, 'parcels.parcel-a', scanned('Wien'));
      await second.process.stop();
    } else {
      pause.goOn();
      await first.process.stop();
    }

    const third = await begin(new ParcelTracking());
    await tookAll(third);
    const found = await letters.list();
    expect(third.reader.parked).toBe(found.length);
    expect(await letters.count(READER)).toBe(found.length);
    await letters.retry(found.map(({ id }) => id));
    await until('nothing is parked', async () => (await letters.list()).length === 0);
    await record(events, 'parcels.parcel-a', scanned('Bern'));
    await tookAll(third);
    expect(third.reader.parked).toBe(0);
    return { stoodStill, trails: await trailsOf(documents) };
  } finally {
    pause.goOn();
    await Promise.all(processes.map((process) => process.stop()));
  }
}

async function trailsOf(documents: DocumentStore) {
  const found = await (await documents.collection(READER)).get(['a', 'b']);
  return ['a', 'b'].map((key) => found.get(key)?.body?.trail as string[]);
}

describe('An owner that stands still before or behind any of its writes, while others own', () => {
  it.each([
    ['before', true],
    ['before', false],
    ['after', true],
    ['after', false],
  ] as const)(
    'changes nothing of theirs, and loses nothing (%s, fixed by the next: %s)',
    async (when, isFixedAtOnce) => {
      let nth = 0;
      for (; ; nth++) {
        const { stoodStill, trails } = await lives(nth, when, isFixedAtOnce);
        if (!stoodStill) break;
        const [a, b] = trails;
        // An operator has had it skipped, where the first got that far.
        const skipped = a!.includes('nowhere') ? ['nowhere'] : [];
        expect({ nth, a }).toEqual({ nth, a: ['Ulm', ...skipped, 'Köln', 'Rom', 'Wien', 'Bern'] });
        expect({ nth, b }).toEqual({ nth, b: ['nowhere', 'Bonn', 'Rom'] });
      }
      expect(nth).toBeGreaterThan(6);
    },
    120_000,
  );
});

describe('A letter of a former owner', () => {
  let documents: MemoryDocumentStore;
  let letters: DeadLetters;
  let failed: Unfit[];
  beforeEach(async () => {
    documents = new MemoryDocumentStore();
    letters = await DeadLetters.open(documents);
    const events = new MemoryEventStore();
    await record(events, 'parcels.parcel-a', scanned('nowhere'));
    failed = (await wholeLog(events)).map((happened) => ({ key: 'a', event: happened, error: 'no', attempts: 1 }));
  });

  it('is void behind the fence of the next, and is not there for anybody', async () => {
    const raised = gate();
    const slow = documentsThrough(async (call, work) => {
      if (call === 'get gesta.fences') await raised.opened;
      return work();
    }, documents);
    const parking = (await DeadLetters.open(slow)).park(READER, 'key', failed, undefined, 4n);
    await until('it is written', async () => (await letters.count(READER)) === 1);
    const [{ id }] = (await letters.list()) as [DeadLetter];
    await (await Fences.open(documents)).raise(READER, 9n, { checkpoint: undefined, position: 0n });
    expect(await letters.list()).toEqual([]);
    expect(await letters.list({ reader: READER })).toEqual([]);
    expect(await letters.count(READER)).toBe(0);
    expect(await letters.get(id)).toBeUndefined();
    await expect(letters.retry(id)).rejects.toThrow('There is no dead letter');
    raised.open();
    await expect(parking).rejects.toThrow(FencedOff);
    expect(await letters.countAll(READER)).toBe(0);
  });

  it('that the next has adopted is not changed by the former any more', async () => {
    const [{ id }] = (await letters.park(READER, 'key', failed, undefined, 4n)) as [DeadLetter];
    for await (const adopted of letters.adopt(READER, 9n)) expect(adopted).toMatchObject([{ id, epoch: 9 }]);
    await expect(letters.park(READER, 'key', failed, undefined, 4n)).rejects.toThrow(FencedOff);
    await expect(letters.moveOn(id, 7n, undefined, 4n)).rejects.toThrow(FencedOff);
    await expect(letters.remove(id, 4n)).rejects.toThrow(FencedOff);
    expect(await letters.get(id)).toMatchObject({ position: '1', epoch: 9 });
  });
});
