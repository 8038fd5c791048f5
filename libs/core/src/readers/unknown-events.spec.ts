import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { record, recordAs } from '../../test/log.js';
import { ParcelRegistered, ParcelScanned } from '../../test/parcels.js';
import { ReadingProcess, type ReadingOptions } from '../../test/reading-process.js';
import { until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Project, Projection } from '../projections/projection.decorator.js';

/** Folds whole categories, so that it meets whatever is in them. */
@Projection({ name: 'scans', categories: ['parcels.parcel'] })
class Scans {
  @Project(ParcelScanned)
  scanned(_: ParcelScanned, before: { scans: number } | undefined) {
    return { scans: (before?.scans ?? 0) + 1 };
  }
}

/** The same, by the names of the events. */
@Projection({ name: 'scans' })
class ScansByName {
  @Project(ParcelRegistered)
  registered() {
    return { scans: 0 };
  }
}

const scanned = event(ParcelScanned, { hub: 'Köln' });

describe('An unknown event', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let processes: ReadingProcess[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    processes = [];
  });
  afterEach(() => Promise.all(processes.map((process) => process.stop())));

  const begin = async (options: ReadingOptions, projection: object = new Scans()) => {
    const process = await ReadingProcess.open({ events, documents }, options);
    processes.push(process);
    return { process, ...(await process.project(projection)) };
  };
  const scansOf = async (parcel: string) =>
    (await (await documents.collection('scans')).get([parcel])).get(parcel)?.body?.scans;
  const tookAll = (reader: { reached: { now: bigint } }) =>
    until('it has taken the log', async () => reader.reached.now === (await events.head()).position);

  it('is none that says what came of a command: those are in the streams, and part of no document', async () => {
    await record(events, 'parcels.parcel-a', scanned);
    for (const type of ['gesta.command-accepted', 'gesta.command-refused']) {
      await recordAs(events, 'parcels.parcel-a', { type, data: { commandId: 'c1' } });
    }
    await record(events, 'parcels.parcel-a', scanned);
    const { process, reader } = await begin({ unknownEvents: 'fail' });
    await tookAll(reader);
    expect(await scansOf('a')).toBe(2);
    expect(await process.deadLetters.list()).toEqual([]);
  });

  /** Parcel a is scanned, something unknown happens to it, it is scanned again; parcel b is scanned. */
  const history = async () => {
    await record(events, 'parcels.parcel-a', scanned);
    await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-stolen', data: {} });
    await record(events, 'parcels.parcel-a', scanned);
    await record(events, 'parcels.parcel-b', scanned);
  };

  it('parks its stream under the policy park, and is noticed', async () => {
    await history();
    const { process, reader } = await begin({ unknownEvents: 'park' });
    await tookAll(reader);
    expect([await scansOf('a'), await scansOf('b')]).toEqual([1, 1]);
    expect(process.noticed('unknown-event')).toMatchObject([
      { reader: 'scans', policy: 'park', event: { type: 'parcels.parcel-stolen', position: 2n } },
    ]);
    expect(await process.deadLetters.list()).toMatchObject([
      { kind: 'stream', key: 'parcels.parcel-a', position: '2', error: { name: 'UnknownEvent' } },
    ]);
  });

  it('is left out under the policy skip, and counted', async () => {
    await history();
    await recordAs(events, 'parcels.parcel-b', { type: 'parcels.parcel-stolen', data: {} });
    const { process, reader } = await begin({ unknownEvents: 'skip' });
    await tookAll(reader);
    expect([await scansOf('a'), await scansOf('b')]).toEqual([2, 1]);
    expect(process.noticed('unknown-event').map(({ event: { streamId } }) => streamId)).toEqual([
      'parcels.parcel-a',
      'parcels.parcel-b',
    ]);
    expect(await process.deadLetters.list()).toEqual([]);
  });

  it('is as far as the reader goes under the policy fail, until the code knows it', async () => {
    await history();
    const { process, reader } = await begin({ unknownEvents: 'fail' });
    await until('it has tried again', () => process.noticed('runner-failed').length >= 2);
    expect(process.noticed('unknown-event').length).toBeGreaterThanOrEqual(2);
    expect(String(reader.error)).toContain('No event class is known for parcels.parcel-stolen at revision 1');
    expect(reader.reached.now).toBe(0n);
    expect(await process.deadLetters.list()).toEqual([]);
    await process.stop();

    const next = await begin({ unknownEvents: 'fail', known: (type) => type === 'parcels.parcel-stolen' });
    await tookAll(next.reader);
    expect([await scansOf('a'), await scansOf('b')]).toEqual([2, 1]);
  });

  it('that was parked is taken by a retry once the policy is to skip it', async () => {
    await history();
    const { process, reader } = await begin({ unknownEvents: 'park' });
    await tookAll(reader);
    await process.stop();
    const next = await begin({ unknownEvents: 'skip' });
    const [letter] = await next.process.deadLetters.list();
    await next.process.deadLetters.retry(letter!.id);
    await until('nothing is parked', async () => (await next.process.deadLetters.list()).length === 0);
    expect(await scansOf('a')).toBe(2);
  });

  it('is none where another part of the application knows it', async () => {
    await history();
    const { process, reader } = await begin({ known: (type) => type === 'parcels.parcel-stolen' });
    await tookAll(reader);
    expect(await scansOf('a')).toBe(2);
    expect(process.noticed('unknown-event')).toEqual([]);
  });

  it('is also one of a known name in a version that is newer than the code', async () => {
    await recordAs(events, 'parcels.parcel-a', { type: 'parcels.parcel-registered', version: 3, data: {} });
    const { process, reader } = await begin({}, new ScansByName());
    await tookAll(reader);
    expect(process.noticed('unknown-event')).toHaveLength(1);
    expect(await process.deadLetters.list()).toMatchObject([
      {
        kind: 'stream',
        event: { version: 3 },
        error: { message: expect.stringContaining('knows versions up to 2') as unknown },
      },
    ]);
  });

  it('is not even read by a projection that follows names', async () => {
    await history();
    const { process, reader } = await begin({}, new ScansByName());
    await tookAll(reader);
    expect(process.noticed('unknown-event')).toEqual([]);
  });
});

describe('An old event', () => {
  it('is brought into its present shape before it is folded, under whatever name it was recorded', async () => {
    const [events, documents] = [new MemoryEventStore(), new MemoryDocumentStore()];
    await recordAs(events, 'parcels.parcel-a', {
      type: 'parcels.parcel-announced',
      data: { receiver: 'Ada', weight: 2 },
    });
    await record(events, 'parcels.parcel-b', event(ParcelRegistered, { to: { name: 'Grace' }, grams: 300 }));

    @Projection({ name: 'weights' })
    class Weights {
      @Project(ParcelRegistered)
      registered({ to, grams }: ParcelRegistered) {
        return { receiver: to.name, grams };
      }
    }
    const process = await ReadingProcess.open({ events, documents });
    const { reader, documents: weights } = await process.project(new Weights());
    await until('it has taken the log', () => reader.reached.now === 2n);
    const found = await weights.get(['a', 'b']);
    expect(found.get('a')!.body).toEqual({ receiver: 'Ada', grams: 2_000 });
    expect(found.get('b')!.body).toEqual({ receiver: 'Grace', grams: 300 });
    await process.stop();
  });
});
