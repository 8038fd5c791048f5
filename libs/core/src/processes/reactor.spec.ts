import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { cuttable, documentsThrough, mortal } from '../../test/fallible-stores.js';
import { record, recordAs, wholeLog } from '../../test/log.js';
import { ParcelDelivered, ParcelRegistered, ParcelScanned } from '../../test/parcels.js';
import { ReadingProcess, type ReadingOptions, type Stores } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { ConcurrencyConflict } from '../aggregates/concurrency-conflict.js';
import { event } from '../events/domain-event.js';
import type { EventMetadata } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { currentMessage } from '../messaging/message-context.js';
import { StoreUnavailable } from '../store/errors.js';
import { When } from './process-manager.decorator.js';
import { Reactor, type Reaction } from './reactor.decorator.js';

interface Mail {
  readonly about: string;
  readonly hub: string;
  readonly reaction: Reaction;
}

/** Sends a mail for every scan; what it does before that is for the specs to say. */
@Reactor({ name: 'scan-mail', startFrom: 'beginning', attempts: 2 })
class ScanMail {
  readonly sent: Mail[] = [];
  readonly asked: Mail[] = [];
  postOffice: (mail: Mail) => Promise<void> | void = () => undefined;

  @When(ParcelScanned)
  async scanned({ hub }: ParcelScanned, { streamId }: EventMetadata, reaction: Reaction): Promise<void> {
    const mail = { about: streamId.slice('parcels.parcel-'.length), hub, reaction };
    this.asked.push(mail);
    await this.postOffice(mail);
    this.sent.push(mail);
  }
}

const scanned = (hub: string) => event(ParcelScanned, { hub });
const hubsOf = (mails: readonly Mail[], parcel: string) =>
  mails.filter(({ about }) => about === parcel).map(({ hub }) => hub);

describe('A reactor', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (reactor: object, stores: Partial<Stores> = {}, options: ReadingOptions = { leaseMs: 40 }) => {
    const process = await ReadingProcess.open({ events, documents, ...stores }, options);
    processes.push(process);
    return { process, reader: process.react(reactor), letters: process.deadLetters };
  };
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);

  it('reacts to each event once, when nothing goes wrong', async () => {
    const mail = new ScanMail();
    await record(
      events,
      'parcels.parcel-a',
      event(ParcelRegistered, { to: { name: 'Ada' }, grams: 1 }),
      scanned('Köln'),
    );
    const { reader } = await begin(mail);
    await tookAll(reader);
    await record(events, 'parcels.parcel-a', scanned('Bonn'));
    await tookAll(reader);
    expect(mail.asked).toMatchObject([
      { hub: 'Köln', reaction: { attempt: 1 } },
      { hub: 'Bonn', reaction: { attempt: 1 } },
    ]);
  });

  it('reacts to the events of one stream in order, and to those of others meanwhile', async () => {
    const mail = new ScanMail();
    const going = gate();
    mail.postOffice = ({ about, hub }) => (about === 'a' && hub === 'Köln' ? going.opened : undefined);
    await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('Bonn'));
    await record(events, 'parcels.parcel-b', scanned('Köln'), scanned('Kiel'));
    const { reader } = await begin(mail);
    await until('the other stream is done', () => mail.sent.length === 2);
    expect(hubsOf(mail.asked, 'a')).toEqual(['Köln']);
    going.open();
    await tookAll(reader);
    expect(hubsOf(mail.sent, 'a')).toEqual(['Köln', 'Bonn']);
    expect(hubsOf(mail.sent, 'b')).toEqual(['Köln', 'Kiel']);
  });

  it('is asked again under the same idempotency key when it failed', async () => {
    const mail = new ScanMail();
    mail.postOffice = ({ reaction }) => {
      if (reaction.attempt === 1) throw new Error('The post office is closed');
    };
    await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('Bonn'));
    const { reader, letters } = await begin(mail);
    await tookAll(reader);
    const [first, again, other] = mail.asked.map(({ reaction }) => reaction);
    expect(again).toMatchObject({ idempotencyKey: first!.idempotencyKey, attempt: 2 });
    expect(other!.idempotencyKey).not.toBe(first!.idempotencyKey);
    expect(hubsOf(mail.sent, 'a')).toEqual(['Köln', 'Bonn']);
    expect(await letters.list()).toEqual([]);
  });

  it('has a stream parked after its attempts, and goes on with the others', async () => {
    const mail = new ScanMail();
    mail.postOffice = ({ hub }) => {
      if (hub === 'nowhere') throw new Error('There is no such hub');
    };
    await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('nowhere'), scanned('Bonn'));
    await record(events, 'parcels.parcel-b', scanned('Kiel'));
    const { reader, letters } = await begin(mail);
    await tookAll(reader);
    expect(hubsOf(mail.sent, 'a')).toEqual(['Köln']);
    expect(hubsOf(mail.sent, 'b')).toEqual(['Kiel']);
    expect(mail.asked.filter(({ hub }) => hub === 'nowhere').map(({ reaction }) => reaction.attempt)).toEqual([1, 2]);
    const [letter] = await letters.list();
    expect(letter).toMatchObject({ kind: 'key', key: 'parcels.parcel-a', position: '2', attempts: 2 });

    mail.postOffice = () => undefined;
    await letters.retry(letter!.id);
    await until('nothing is parked', async () => (await letters.list()).length === 0);
    expect(hubsOf(mail.sent, 'a')).toEqual(['Köln', 'nowhere', 'Bonn']);
  });

  it.each([
    ['a store is away', () => new StoreUnavailable('The store is away')],
    ['other writers were first', () => new ConcurrencyConflict('parcels.parcel-a', 10, undefined)],
  ])('waits while %s, and has nothing parked', async (_, failure) => {
    const mail = new ScanMail();
    let away = true;
    mail.postOffice = () => {
      if (away) throw failure();
    };
    await record(events, 'parcels.parcel-a', scanned('Köln'));
    const { reader, letters } = await begin(mail);
    await until('it was asked more often than it would be tried', () => mail.asked.length > 2);
    expect(mail.asked.every(({ reaction }) => reaction.attempt === 1)).toBe(true);
    expect(await letters.list()).toEqual([]);
    away = false;
    await tookAll(reader);
    expect(mail.sent).toHaveLength(1);
  });

  it('is asked again after a crash, under the same idempotency key', async () => {
    const mail = new ScanMail();
    await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('Bonn'));
    const { around, dead } = mortal((call) => (call === 'put gesta.checkpoints' ? 'before' : undefined));
    await begin(mail, { documents: documentsThrough(around, documents) });
    await until('it has died', dead);
    const { reader } = await begin(mail);
    await tookAll(reader);
    const keys = mail.sent.map(({ reaction }) => reaction.idempotencyKey);
    expect(hubsOf(mail.sent, 'a')).toEqual(['Köln', 'Bonn', 'Köln', 'Bonn']);
    expect(keys.slice(2)).toEqual(keys.slice(0, 2));
  });

  it('that starts from now leaves out what was there, and remembers when that was', async () => {
    @Reactor({ name: 'delivery-mail', startFrom: 'now' })
    class DeliveryMail {
      readonly about: string[] = [];
      @When(ParcelDelivered)
      async delivered(_: ParcelDelivered, { streamId }: EventMetadata) {
        this.about.push(streamId);
      }
    }
    const mail = new DeliveryMail();
    await record(events, 'parcels.parcel-a', event(ParcelDelivered, {}));
    const first = await begin(mail);
    await until('it follows', () => first.reader.caughtUp);
    await first.process.stop();
    await record(events, 'parcels.parcel-b', event(ParcelDelivered, {}));
    await tookAll((await begin(mail)).reader);
    expect(mail.about).toEqual(['parcels.parcel-b']);
  });

  it('reacts by the key that it names, and not at all where there is none', async () => {
    @Reactor({ name: 'hub-report', startFrom: 'beginning' })
    class HubReport {
      readonly hubs: string[] = [];
      @When(ParcelScanned, ({ hub }) => (hub === 'depot' ? undefined : hub))
      async scanned({ hub }: ParcelScanned) {
        if (hub === 'nowhere') throw new StoreUnavailable('It hangs');
        this.hubs.push(hub);
      }
    }
    const report = new HubReport();
    await record(events, 'parcels.parcel-a', scanned('nowhere'), scanned('depot'), scanned('Köln'));
    await begin(report);
    await until('the other key went on', () => report.hubs.length === 1);
    expect(report.hubs).toEqual(['Köln']);
  });

  it('has what it records follow from the event, and recognised when it is repeated', async () => {
    @Reactor({ name: 'context', startFrom: 'beginning' })
    class Context {
      readonly seen: unknown[] = [];
      @When(ParcelScanned)
      async scanned() {
        await Promise.resolve();
        this.seen.push(currentMessage());
      }
    }
    const reactor = new Context();
    const headers = { correlationId: 'the request', userId: 'ada' };
    await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-scanned', data: { hub: 'Köln' }, headers });
    const [cause] = await wholeLog(events);
    const { reader } = await begin(reactor);
    await tookAll(reader);
    expect(reactor.seen).toMatchObject([
      {
        commandId: expect.any(String),
        headers: { correlationId: 'the request', userId: 'ada', causationId: cause!.id },
      },
    ]);
  });

  describe('when it is stopped', () => {
    it('finishes the batch in hand, so that nothing of it is repeated', async () => {
      const mail = new ScanMail();
      const arrived = gate();
      const going = gate();
      mail.postOffice = () => {
        arrived.open();
        return going.opened;
      };
      await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('Bonn'));
      const { process } = await begin(mail);
      await arrived.opened;
      const stopped = process.stop();
      going.open();
      await stopped;
      expect(hubsOf(mail.sent, 'a')).toEqual(['Köln', 'Bonn']);
      await tookAll((await begin(mail)).reader);
      expect(mail.asked).toHaveLength(2);
    });

    it('does not wait for a store that is away', async () => {
      const mail = new ScanMail();
      mail.postOffice = () => {
        throw new StoreUnavailable('The store is away');
      };
      await record(events, 'parcels.parcel-a', scanned('Köln'));
      const { process, letters } = await begin(mail);
      await until('it waits', () => mail.asked.length >= 2);
      await process.stop();
      expect(await letters.list()).toEqual([]);
      mail.postOffice = () => undefined;
      await tookAll((await begin(mail)).reader);
      expect(mail.sent).toHaveLength(1);
    });

    it('waits for what is under way before anybody else may begin', async () => {
      const mail = new ScanMail();
      const going = gate();
      const order: string[] = [];
      mail.postOffice = async ({ about }) => {
        if (about === 'a') throw new StoreUnavailable('This one waits');
        order.push('begun');
        await going.opened;
        order.push('done');
      };
      await record(events, 'parcels.parcel-a', scanned('Köln'));
      await record(events, 'parcels.parcel-b', scanned('Köln'));
      const { process } = await begin(mail);
      await until('both are under way', () => order.length === 1 && hubsOf(mail.asked, 'a').length > 0);
      const stopped = process.stop().then(() => order.push('stopped'));
      const leases = await documents.collection('gesta.leases');
      const renewed = (await leases.get(['reactor.scan-mail'])).get('reactor.scan-mail')!.version + 4n;
      await until('the lease was renewed meanwhile', async () => {
        const lease = (await leases.get(['reactor.scan-mail'])).get('reactor.scan-mail')!;
        return lease.version > renewed || lease.body === undefined;
      });
      going.open();
      await stopped;
      expect(order).toEqual(['begun', 'done', 'stopped']);
    });
  });

  it('begins nothing more once its lease is lost', async () => {
    const mail = new ScanMail();
    const arrived = gate();
    const going = gate();
    mail.postOffice = () => {
      arrived.open();
      return going.opened;
    };
    await record(events, 'parcels.parcel-a', scanned('Köln'), scanned('Bonn'));
    const connection = cuttable((call) => call.endsWith('gesta.leases'));
    const { process } = await begin(mail, { documents: documentsThrough(connection.around, documents) });
    await arrived.opened;
    connection.away = true;
    const next = new ScanMail();
    const { reader } = await begin(next);
    await tookAll(reader);
    expect(hubsOf(next.sent, 'a')).toEqual(['Köln', 'Bonn']);
    going.open();
    await until('the first has noticed', () => process.noticed('lease-lost').length === 1);
    expect(hubsOf(mail.asked, 'a')).toEqual(['Köln']);
    expect(process.noticed('runner-failed').map(({ error }) => String(error))).not.toContainEqual(
      expect.stringContaining('abort'),
    );
  });
});
