import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Booking, booking, bookingsEndpoint } from '../../test/courier.js';
import { documentsThrough, eventsThrough, mortal } from '../../test/fallible-stores.js';
import { record, recordAs, wholeLog } from '../../test/log.js';
import { BookCourier, CancelCourier, ParcelDelivered, ParcelRegistered, ParcelScanned } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { Repository } from '../aggregates/repository.js';
import type { Class } from '../events/class.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { commandInbox } from '../messaging/command-inbox.js';
import { send, type Effects } from '../processes/effects.js';
import { ProcessManager, When, type StartFrom } from '../processes/process-manager.decorator.js';
import { Reactor } from '../processes/reactor.decorator.js';
import type { EventStore } from '../store/event-store.js';
import { EffectConsumer } from './effect-consumer.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });
const delivered = event(ParcelDelivered, {});

/** What a version of the code does with the parcels' events; what a version names, and nothing else, is for it. */
type Version = readonly ('registered' | 'scanned' | 'delivered')[];
const EVENTS = { registered: ParcelRegistered, scanned: ParcelScanned, delivered: ParcelDelivered };

/** A process manager that notes what it is given, and sends a command for each scan. */
function planOf(version: Version, startFrom: StartFrom = 'beginning', fails: () => boolean = () => false): Class {
  class Plan {
    seen: string[] = [];
    registered() {
      this.seen.push('registered');
    }
    scanned({ hub }: ParcelScanned): Effects {
      if (fails()) throw new Error('No scanner today');
      this.seen.push(hub);
      return send(BookCourier, { parcelId: 'a', grams: this.seen.length });
    }
    delivered() {
      this.seen.push('delivered');
    }
  }
  ProcessManager({ name: 'plan', startFrom })(Plan);
  for (const name of version) {
    When(EVENTS[name] as Class)(Plan.prototype, name, Object.getOwnPropertyDescriptor(Plan.prototype, name)!);
  }
  return Plan;
}

describe('What a reader looks for', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (stores: Partial<Stores> = {}) => {
    const process = await ReadingProcess.open({ events, documents, ...stores }, { leaseMs: 100 });
    processes.push(process);
    return process;
  };
  const run = async (version: Version, startFrom?: StartFrom, stores: Partial<Stores> = {}) => {
    const process = await begin(stores);
    const { reader } = await process.manage(planOf(version, startFrom));
    return { process, reader };
  };
  const atHead = (reader: { reached: { now: bigint }; owner: boolean; missing?: unknown }) =>
    until('it has taken the log', async () => reader.owner && reader.reached.now === (await events.head()).position);
  const seenBy = async (parcel: string) => {
    const { body } = (await (await documents.collection('process.plan')).get([parcel])).get(parcel) ?? {};
    return (body?.fields as { seen: string[] } | undefined)?.seen;
  };
  const happens = (parcel: string, ...happened: Parameters<typeof record>[2][]) =>
    record(events, `parcels.parcel-${parcel}`, ...happened);
  /** The owner is asked for long, and says so: a version that was waiting has said what it looks for. */
  const asked = () =>
    until('the new version has said what it looks for', async () => {
      const lookedFor = await documents.collection('gesta.looked-for');
      return (await lookedFor.get(['process.plan'])).get('process.plan')?.body;
    });

  it('is not passed by an older version that has the lease', async () => {
    const older = await run(['registered']);
    await happens('a', registered);
    await atHead(older.reader);
    const newer = await run(['registered', 'delivered']);
    await happens('a', delivered);
    await happens('b', registered, delivered, registered);
    await atHead(older.reader);
    expect(await newer.reader.status(4n)).toMatchObject({ missing: ['parcels.parcel-delivered'] });
    await older.process.stop();
    await until('the newer one has it', async () => (await seenBy('a'))?.includes('delivered'));
    await happens('b', delivered);
    await atHead(newer.reader);
    expect(await seenBy('a')).toEqual(['registered', 'delivered']);
    expect(await seenBy('b')).toEqual(['registered', 'registered', 'delivered', 'delivered']);
    expect(newer.process.noticed('looked-for-later')).toMatchObject([
      { reader: 'process.plan', types: ['parcels.parcel-delivered'] },
    ]);
    expect((await newer.reader.status(9n)).missing).toEqual([]);
  });

  it('is read from before where the code learns it later, however many versions there were in between', async () => {
    const versions: Version[] = [['registered'], ['registered', 'delivered'], ['registered'], ['scanned', 'delivered']];
    for (const [index, version] of versions.entries()) {
      const { process, reader } = await run(version);
      await happens('a', registered, scanned(`hub ${index}`), delivered);
      await atHead(reader);
      await process.stop();
    }
    const { reader } = await run(['registered', 'scanned', 'delivered']);
    await atHead(reader);
    await until('it has taken all', async () => (await seenBy('a'))?.length === 12);
    const seen = (await seenBy('a'))!;
    expect(seen.filter((one) => one === 'delivered')).toHaveLength(4);
    expect(seen.filter((one) => one === 'registered')).toHaveLength(4);
    expect(seen.filter((one) => one.startsWith('hub'))).toEqual(['hub 0', 'hub 1', 'hub 2', 'hub 3']);
  });

  it('is what comes from the moment on at which code first named it, where a reader starts from now', async () => {
    await happens('a', registered, delivered);
    const older = await run(['registered'], 'now');
    await asked();
    await happens('b', registered, delivered);
    await atHead(older.reader);
    const before = await (await documents.collection('gesta.looked-for')).get(['process.plan']);
    await run(['registered', 'delivered'], 'now');
    await until('the newer one has asked', async () => {
      const now = await (await documents.collection('gesta.looked-for')).get(['process.plan']);
      return now.get('process.plan')!.version > before.get('process.plan')!.version;
    });
    await happens('b', delivered);
    await atHead(older.reader);
    await older.process.stop();
    await until('the newer one has it', async () => (await seenBy('b'))?.includes('delivered'));
    expect(await seenBy('a')).toBeUndefined();
    expect(await seenBy('b')).toEqual(['registered', 'delivered']);
  });

  it('has its effect once, wherever the process dies on the way', async () => {
    const older = await run(['registered', 'delivered']);
    for (let n = 0; n < 3; n++) await happens('a', registered, scanned(`hub ${n}`), delivered);
    await atHead(older.reader);
    await older.process.stop();
    for (let call = 1; call < 60; call++) {
      let calls = 0;
      const { around, dead } = mortal((what) => (what.startsWith('put') && ++calls === call ? 'after' : undefined));
      const process = await begin({ documents: documentsThrough(around, documents) });
      const { reader } = await process.manage(planOf(['registered', 'scanned', 'delivered']));
      await until('it has died or taken the log', () => dead() || reader.caughtUp);
      if (!dead()) break;
      await process.stop();
    }
    expect((await seenBy('a'))!.filter((one) => one.startsWith('hub'))).toEqual(['hub 0', 'hub 1', 'hub 2']);
    expect(await wholeLog(events, { categories: ['courier.command'] })).toHaveLength(3);
  });

  it('is not overwritten by an owner that stood still while it was read', async () => {
    const gated = gate();
    let standsStill = false;
    const around = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
      if (standsStill && what === 'put process.plan') await gated.opened;
      return work();
    };
    const older = await run(['registered', 'delivered'], 'beginning', {
      documents: documentsThrough(around as Parameters<typeof documentsThrough>[0], documents),
    });
    await happens('b', scanned('Bonn'));
    await happens('a', registered, scanned('Leipzig'));
    await atHead(older.reader);
    standsStill = true;
    await record(events, 'parcels.parcel-a', delivered, delivered);
    await happens('b', delivered);
    // Its lease is another's as soon as that has seen it stand still; here it is taken from it.
    const leases = await documents.collection('gesta.leases');
    const lease = (await leases.get(['process.plan'])).get('process.plan')!;
    await leases.put([{ key: 'process.plan', version: lease.version + 1_000n, body: undefined }]);
    const follows = gate();
    const newer = await run(['registered', 'scanned', 'delivered'], 'beginning', {
      events: eventsThrough(async (call, work) => {
        if (call === 'subscribe') await follows.opened;
        return work();
      }, events) as EventStore,
    });
    await until('the newer one has read it', async () => (await seenBy('a'))?.includes('Leipzig'));
    gated.open();
    await older.process.stop();
    follows.open();
    await atHead(newer.reader);
    expect(await seenBy('a')).toEqual(['registered', 'Leipzig', 'delivered', 'delivered']);
    expect(await seenBy('b')).toEqual(['Bonn', 'delivered']);
  });

  it('is parked with a letter where it fails, and taken when it is tried again', async () => {
    const older = await run(['registered', 'delivered']);
    await happens('a', registered, scanned('Leipzig'), delivered);
    await atHead(older.reader);
    await older.process.stop();
    let fails = true;
    const process = await begin();
    const { reader } = await process.manage(planOf(['registered', 'scanned', 'delivered'], 'beginning', () => fails));
    const [letter] = await until('it is parked', async () => {
      const letters = await process.deadLetters.list();
      return letters.length > 0 && letters;
    });
    expect(letter).toMatchObject({ kind: 'key', key: 'a', position: '2' });
    await happens('a', scanned('Köln'), delivered);
    await atHead(reader);
    expect(await seenBy('a')).toEqual(['registered', 'delivered']);
    fails = false;
    await process.deadLetters.retry(letter!.id);
    await until('it has been taken', async () => (await process.deadLetters.list()).length === 0);
    expect(await seenBy('a')).toEqual(['registered', 'delivered', 'Leipzig', 'Köln', 'delivered']);
  });

  it('is not let go with a dead letter that an older version tries again', async () => {
    let fails = true;
    const newer = await begin();
    const all: Version = ['registered', 'scanned', 'delivered'];
    const { reader } = await newer.manage(planOf(all, 'beginning', () => fails));
    await happens('a', scanned('Leipzig'), delivered);
    const [letter] = await until('it is parked', async () => {
      const letters = await newer.deadLetters.list();
      return letters.length > 0 && letters;
    });
    await atHead(reader);
    await newer.stop();
    fails = false;
    const older = await run(['registered', 'scanned']);
    await older.process.deadLetters.retry(letter!.id);
    await until('it has been taken', async () => (await seenBy('a'))?.length === 1);
    await until('the letter is gone', async () => (await older.process.deadLetters.list()).length === 0);
    await older.process.stop();
    await run(all);
    await until('what it held back is taken', async () => (await seenBy('a'))?.includes('delivered'));
    expect(await seenBy('a')).toEqual(['Leipzig', 'delivered']);
  });

  it('is had by a reactor that learns it, and not twice', async () => {
    const heard: string[] = [];
    const reactorOf = (version: Version) => {
      class Radio {
        async registered() {
          heard.push('registered');
        }
        async delivered() {
          heard.push('delivered');
        }
      }
      Reactor({ name: 'radio', startFrom: 'beginning' })(Radio);
      for (const name of version as readonly ('registered' | 'delivered')[]) {
        When(EVENTS[name] as Class)(Radio.prototype, name, Object.getOwnPropertyDescriptor(Radio.prototype, name)!);
      }
      return new Radio();
    };
    const older = await begin();
    const reader = older.react(reactorOf(['registered']));
    await happens('a', registered, delivered);
    await atHead(reader);
    await older.stop();
    for (let times = 0; times < 2; times++) {
      const newer = await begin();
      const again = newer.react(reactorOf(['registered', 'delivered']));
      await until('it has taken the log', () => again.caughtUp);
      await newer.stop();
    }
    expect(heard).toEqual(['registered', 'delivered']);
  });

  describe('in commands', () => {
    const inbox = async (...handled: Class[]) => {
      const process = await begin();
      const repository = new Repository(booking, events);
      const endpoint = { ...bookingsEndpoint(() => repository), handled };
      const consumer = new EffectConsumer(commandInbox(endpoint, [booking], events));
      return { process, reader: process.follow('commands.courier', consumer, 'beginning', 'commands') };
    };
    const arrives = (id: string, type: string, data: object) =>
      recordAs(events, `courier.command-${id}`, { id, type: `courier.${type}`, data });
    const done = () => wholeLog(events, { categories: ['courier.booking'] });
    afterEach(() => void (Booking.strength = 30_000));

    it('waits for whoever handles it', async () => {
      const older = await inbox(BookCourier);
      await arrives('1', 'book-courier', { parcelId: 'a', grams: 1 });
      await inbox(BookCourier, CancelCourier);
      await arrives('2', 'cancel-courier', { parcelId: 'a' });
      await arrives('3', 'book-courier', { parcelId: 'b', grams: 1 });
      await until('the older one has passed it', async () => (await done()).length === 2);
      await atHead(older.reader);
      await older.process.stop();
      await until('it is handled', async () => (await done()).length === 3);
      expect((await done()).at(-1)).toMatchObject({ type: 'courier.courier-cancelled', commandId: '2' });
    });
  });
});
