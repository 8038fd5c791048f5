import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cuttable, documentsThrough, eventsThrough, type Around } from '../../test/fallible-stores.js';
import { record } from '../../test/log.js';
import { ParcelScanned } from '../../test/parcels.js';
import { ReadingProcess } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { Gesta, type GestaOptions } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import type { EventMetadata } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Notice } from '../observability/notice.js';
import { When } from '../processes/process-manager.decorator.js';
import { reactorDefinition } from '../processes/reactor-definition.js';
import { Reactor, type Reaction } from '../processes/reactor.decorator.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import type { DocumentStore } from '../store/document-store.js';

const scanned = (hub: string) => event(ParcelScanned, { hub });

/** Its effects at `nowhere` never end. */
@Reactor({ name: 'scan-mail', startFrom: 'now' })
class ScanMail {
  readonly asked: Reaction[] = [];
  readonly sent: string[] = [];

  @When(ParcelScanned)
  async scanned({ hub }: ParcelScanned, _: EventMetadata, reaction: Reaction): Promise<void> {
    if (hub !== 'nowhere') return void this.sent.push(hub);
    this.asked.push(reaction);
    return new Promise(() => undefined);
  }
}

describe('An effect that never ends', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let notices: Notice[];
  let applications: Gesta[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    notices = [];
    applications = [];
  });
  afterEach(() => Promise.all(applications.map((application) => application.stop())));

  const open = async (mail: ScanMail, options: Partial<GestaOptions>) => {
    const gesta = await Gesta.open({
      events,
      documents,
      reactors: [reactorDefinition(ScanMail, mail)],
      leaseMs: 100,
      stopMs: 50,
      notice: (notice) => notices.push(notice),
      ...options,
    });
    applications.push(gesta);
    return gesta;
  };
  const kinds = () => notices.map(({ kind }) => kind);

  it('has failed when its time is up, is told to end, and has its key parked; the others go on', async () => {
    const mail = new ScanMail();
    const gesta = await open(mail, { effectTimeoutMs: 100 });
    await gesta.start();
    await record(events, 'parcels.parcel-a', scanned('nowhere'));
    await record(events, 'parcels.parcel-b', scanned('Ulm'));
    await until('it is parked', async () => (await gesta.deadLetters.list()).some(({ requested }) => !requested));
    await record(events, 'parcels.parcel-b', scanned('Bonn'));
    await until('the others have gone on', () => mail.sent.length === 2);
    expect(mail.asked.map(({ attempt, signal }) => [attempt, signal.aborted])).toEqual([
      [1, true],
      [2, true],
    ]);
    const [letter] = await gesta.deadLetters.list();
    expect(letter).toMatchObject({ key: 'parcels.parcel-a', error: { name: 'EffectTimedOut' } });
    expect(letter!.error.message).toContain('effectTimeoutMs');
    expect(kinds()).toContain('still-waiting');
  });

  it('is named, with its key, by what is told of the readers', async () => {
    const gesta = await open(new ScanMail(), {});
    await gesta.start();
    await record(events, 'parcels.parcel-a', scanned('nowhere'));
    const [status] = await until('it is told', async () => {
      const found = await gesta.status();
      return found[0]?.waitsFor && found;
    });
    expect(status!.waitsFor).toMatchObject({ key: 'parcels.parcel-a', position: 1n });
    expect(gesta.waiting()).toMatchObject([{ reader: 'reactor.scan-mail', key: 'parcels.parcel-a' }]);
  });

  it('does not keep the application from stopping, and is begun again by the next owner once the lease has ended', async () => {
    const mail = new ScanMail();
    const gesta = await open(mail, {});
    await gesta.start();
    await record(events, 'parcels.parcel-a', scanned('nowhere'));
    await until('it is under way', () => mail.asked.length === 1);
    await gesta.stop();
    expect(mail.asked[0]!.signal.aborted).toBe(true);
    expect(notices).toContainEqual({ kind: 'not-waited-for', readers: ['reactor.scan-mail'], afterMs: 50 });
    const next = new ScanMail();
    await (await open(next, {})).start();
    await until('the next one has begun with it', () => next.asked.length === 1);
  });

  it('has those that start from now miss nothing that is recorded once the application is open', async () => {
    const mail = new ScanMail();
    await record(events, 'parcels.parcel-a', scanned('Ulm'));
    const gesta = await open(mail, {});
    await record(events, 'parcels.parcel-a', scanned('Bonn'));
    void gesta.start();
    await record(events, 'parcels.parcel-a', scanned('Kiel'));
    await until('both are taken', () => mail.sent.length === 2);
    expect(mail.sent).toEqual(['Bonn', 'Kiel']);
  });
});

/** Effects that last until the spec says so: those at `nowhere`. */
@Reactor({ name: 'slow-mail', startFrom: 'beginning', attempts: 1 })
class SlowMail {
  readonly asked: string[] = [];
  readonly sent: string[] = [];
  readonly going = gate();
  fails = false;

  @When(ParcelScanned)
  async scanned({ hub }: ParcelScanned, { streamId }: EventMetadata, { signal }: Reaction): Promise<void> {
    const what = `${streamId.slice('parcels.parcel-'.length)} ${hub}`;
    this.asked.push(what);
    if (hub === 'nowhere')
      await Promise.race([
        this.going.opened,
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
      ]);
    if (this.fails && hub === 'nowhere') throw new Error('There is no such hub');
    this.sent.push(what);
  }
}

describe('While an effect takes long, its reader', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (mail: SlowMail, through: DocumentStore = documents) => {
    const process = await ReadingProcess.open({ events, documents: through }, { leaseMs: 200 });
    processes.push(process);
    return { process, reader: process.react(mail, 20), letters: process.deadLetters };
  };
  const scan = (parcel: string, ...hubs: string[]) => record(events, `parcels.parcel-${parcel}`, ...hubs.map(scanned));
  const ofA = (all: readonly string[]) => all.filter((what) => what.startsWith('a'));

  it('goes on with other keys, also of later batches, and with that key once it has ended', async () => {
    const mail = new SlowMail();
    const { reader, process, letters } = await begin(mail);
    await scan('a', 'nowhere', 'Bonn');
    await until('it is under way', () => mail.asked.length === 1);
    await scan('b', 'Ulm');
    await until('the other key is had', () => mail.sent.includes('b Ulm'));
    await scan('a', 'Kiel');
    await scan('c', 'Ulm');
    await until('the next one is had too', () => mail.sent.includes('c Ulm'));
    const [letter] = await letters.list();
    expect(letter).toMatchObject({ key: 'parcels.parcel-a', position: '1', attempts: 0, requested: 'retry' });
    expect(letter!.error).toMatchObject({ name: 'EffectStillUnderWay' });
    await until('it is told', () => reader.waitsFor);
    expect(reader.waitsFor).toMatchObject({ key: 'parcels.parcel-a', position: 1n, othersGoOn: true });
    mail.going.open();
    await until('nothing is parked', async () => (await letters.list()).length === 0);
    expect(ofA(mail.asked)).toEqual(['a nowhere', 'a Bonn', 'a Kiel']);
    expect(ofA(mail.sent)).toEqual(['a nowhere', 'a Bonn', 'a Kiel']);
    expect(process.noticed('parked')).toEqual([]);
  });

  it('has the key parked for an operator when it fails in the end', async () => {
    const mail = new SlowMail();
    mail.fails = true;
    const { letters, process } = await begin(mail);
    await scan('a', 'nowhere', 'Bonn');
    await until('it goes on apart', async () => (await letters.list()).length === 1);
    mail.going.open();
    await until('it has failed', async () => (await letters.list())[0]?.requested === undefined);
    expect(await letters.list()).toMatchObject([
      { position: '1', attempts: 1, error: { message: 'There is no such hub' } },
    ]);
    expect(process.noticed('parked')).toMatchObject([{ key: 'parcels.parcel-a', position: 1n }]);
    expect(mail.asked).toEqual(['a nowhere']);
  });

  it('leaves it out, once it has ended, when an operator has asked for that meanwhile', async () => {
    const mail = new SlowMail();
    mail.fails = true;
    const { letters } = await begin(mail);
    await scan('a', 'nowhere', 'Bonn');
    await until('it goes on apart', async () => (await letters.list()).length === 1);
    await letters.skip((await letters.list())[0]!.id);
    mail.going.open();
    await until('nothing is parked', async () => (await letters.list()).length === 0);
    expect(mail.asked).toEqual(['a nowhere', 'a Bonn']);
  });

  it('gives it to the next owner where the process has died, and only it', async () => {
    const mail = new SlowMail();
    const connection = cuttable();
    const { letters } = await begin(mail, documentsThrough(connection.around, documents));
    await scan('a', 'nowhere', 'Bonn');
    await until('it goes on apart', async () => (await letters.list()).length === 1);
    await scan('b', 'Ulm');
    await until('the checkpoint is behind it', async () => {
      const saved = (await (await documents.collection('gesta.checkpoints')).get(['reactor.slow-mail'])).values();
      return [...saved][0]?.version === 3n;
    });
    connection.away = true;
    const next = new SlowMail();
    next.going.open();
    const { letters: left } = await begin(next);
    await until('nothing is parked', async () => (await left.list()).length === 0);
    expect(next.asked).toEqual(['a nowhere', 'a Bonn']);
    mail.going.open();
  });

  it('has it no second time when it ends while the process stops', async () => {
    const mail = new SlowMail();
    const { process, letters } = await begin(mail);
    await scan('a', 'nowhere', 'Bonn');
    await until('it goes on apart', async () => (await letters.list()).length === 1);
    const stopped = process.stop();
    mail.going.open();
    await stopped;
    const next = new SlowMail();
    const { letters: left } = await begin(next);
    await until('nothing is parked', async () => (await left.list()).length === 0);
    expect([mail.asked, next.asked]).toEqual([['a nowhere'], ['a Bonn']]);
  });

  it('begins it no second time, and goes on, when the store fails meanwhile', async () => {
    const mail = new SlowMail();
    const failing = cuttable((call) => call === 'put gesta.checkpoints');
    const { process, letters } = await begin(mail, documentsThrough(failing.around, documents));
    await scan('a', 'nowhere');
    await until('it goes on apart', async () => (await letters.list()).length === 1);
    failing.away = true;
    await scan('b', 'Ulm');
    await until('a pass has failed', () => process.noticed('runner-failed').length > 0);
    failing.away = false;
    await scan('c', 'Ulm');
    await until('the others are had', () => mail.sent.includes('c Ulm'));
    mail.going.open();
    await until('nothing is parked', async () => (await letters.list()).length === 0);
    expect(ofA(mail.asked)).toEqual(['a nowhere']);
    expect(process.noticed('lease-taken')).toHaveLength(1);
  });
});

describe('A store that never answers', () => {
  const HANGING = [
    ...['get', 'put'].flatMap((call) => ['leases', 'checkpoints', 'fences'].map((name) => `${call} gesta.${name}`)),
    ...['find', 'put', 'count'].map((call) => `${call} gesta.dead-letters`),
    ...['get', 'put'].map((call) => `${call} projection.hubs.v1.g1`),
    ...['head', 'subscribe', 'readAll'],
  ];
  @Projection({ name: 'hubs' })
  class Hubs {
    @Project(ParcelScanned)
    scanned({ hub }: ParcelScanned) {
      if (hub === 'nowhere') throw new Error('There is no such hub');
      return { hub };
    }
  }

  const begin = async (hanging: { call?: string | undefined; asked: number }) => {
    const events = new MemoryEventStore();
    const around: Around = (call, work) => {
      if (call !== hanging.call) return work();
      hanging.asked++;
      return new Promise(() => undefined);
    };
    const mail = new ScanMail();
    const gesta = await Gesta.open({
      events: eventsThrough(around, events),
      documents: documentsThrough(around, new MemoryDocumentStore()),
      projections: [{ projectionClass: Hubs, definition: projectionDefinition(Hubs, new Hubs()) }],
      reactors: [reactorDefinition(ScanMail, mail)],
      leaseMs: 100,
      stopMs: 50,
      effectTimeoutMs: 20,
    });
    return { gesta, events, mail };
  };

  it('does not keep the application from stopping, whichever call it is', async () => {
    const left = await Promise.all(
      HANGING.flatMap((call) =>
        [false, true].map(async (begun) => {
          const hanging: { call?: string | undefined; asked: number } = { asked: 0 };
          const { gesta, events, mail } = await begin(hanging);
          if (!begun) hanging.call = call;
          void gesta.start();
          if (begun) {
            await record(events, 'parcels.parcel-a', scanned('Ulm'));
            await until('it goes', () => mail.sent.length === 1);
            hanging.call = call;
          }
          for (const hub of ['nowhere', 'Bonn']) await record(events, `parcels.parcel-${hub}`, scanned(hub));
          // Some are not called again once it goes.
          await until('it hangs', () => hanging.asked > 0, 300).catch(() => undefined);
          const waiting = new AbortController();
          const late = delay(10_000, 'late', { signal: waiting.signal }).catch(() => 'late');
          const ended = await Promise.race([gesta.stop(), late]).finally(() => waiting.abort());
          return ended === 'late' ? [`${call} ${begun ? 'once it goes' : 'at the start'}`] : [];
        }),
      ),
    );
    expect(left.flat()).toEqual([]);
  });

  it.each(['get gesta.fences', 'put gesta.checkpoints'])('at %s is told of, with its age', async (call) => {
    const hanging: { call?: string | undefined; asked: number } = { asked: 0 };
    const { gesta, events } = await begin(hanging);
    hanging.call = call;
    void gesta.start();
    await record(events, 'parcels.parcel-a', scanned('Ulm'));
    const [first] = await until('it is told', () => gesta.waiting().length > 0 && gesta.waiting());
    expect(first).toEqual({ reader: expect.any(String), forMs: expect.any(Number) });
    expect(first!.forMs).toBeGreaterThan(1_000);
    await gesta.stop();
  });
});
