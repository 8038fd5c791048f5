import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { record } from '../../test/log.js';
import { ParcelScanned } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta, type GestaOptions } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import type { EventMetadata } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Notice } from '../observability/notice.js';
import { When } from '../processes/process-manager.decorator.js';
import { reactorDefinition } from '../processes/reactor-definition.js';
import { Reactor, type Reaction } from '../processes/reactor.decorator.js';

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

  it('has failed when its time is up, is told to end, and has its key set aside; the others go on', async () => {
    const mail = new ScanMail();
    const gesta = await open(mail, { effectTimeoutMs: 100 });
    await gesta.start();
    await record(events, 'parcels.parcel-a', scanned('nowhere'));
    await record(events, 'parcels.parcel-b', scanned('Ulm'));
    await until('it is set aside', async () => (await gesta.deadLetters.list()).length === 1);
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
