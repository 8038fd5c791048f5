import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { record, wholeLog } from '../../test/log.js';
import { ParcelDelivery, ParcelErased, ParcelJournal, ParcelRegistered, ParcelScanned } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { processDefinition } from '../processes/process-definition.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import { checkDocuments, MARK_KEY } from './document-mark.js';
import { DocumentsOfAnotherLog, DocumentsOlderThanCheckpoint } from './documents-of-another-log.js';

const PARCELS = Array.from({ length: 5 }, (_, n) => `p${n}`);
const JOURNAL = 'projection.parcel-journal.v1.g1';
const DELIVERY = 'process.parcel-delivery';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = event(ParcelScanned, { hub: 'Köln' });

describe('documents beside a checkpoint', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  const running: Gesta[] = [];

  const open = async ({ opensAnyhow = false, log = events } = {}) => {
    const gesta = await Gesta.open({
      events: log,
      documents,
      opensAnyhow,
      leaseMs: 200,
      projections: [
        { projectionClass: ParcelJournal, definition: projectionDefinition(ParcelJournal, new ParcelJournal()) },
      ],
      processes: [processDefinition(ParcelDelivery)],
    });
    running.push(gesta);
    await gesta.start();
    return gesta;
  };
  const isDone = (gesta: Gesta) =>
    until('all is taken', async () => (await gesta.status()).every(({ lag, owner }) => owner && lag === 0n));
  const grow = async (log = events) => {
    for (const parcel of PARCELS) await record(log, `parcels.parcel-${parcel}`, registered, scanned);
  };
  const run = async () => {
    const gesta = await open();
    await isDone(gesta);
    await gesta.stop();
  };
  /** @returns what puts the documents back as they are now, whatever is there by then */
  const copyOf = async (name: string) => {
    const kept = await (await documents.collection(name)).get([...PARCELS, MARK_KEY]);
    return async () => {
      await documents.drop(name);
      await (await documents.collection(name)).put([...kept.values()]);
    };
  };
  const errorOf = async (gesta: Gesta, kind: string) => {
    const status = async () => (await gesta.status()).find((reader) => reader.kind === kind)!;
    await until('it stands', async () => (await status()).stuck === true);
    return (await status()).error!;
  };

  beforeEach(async () => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    await grow();
    await run();
  });
  afterEach(() => Promise.all(running.splice(0).map((gesta) => gesta.stop())));

  it.each([
    ['a projection', JOURNAL, 'projection'],
    ['a process manager', DELIVERY, 'process'],
  ])('of %s are not believed when they were put back to an older state', async (_, name, kind) => {
    const putBack = await copyOf(name);
    await grow();
    await run();
    await putBack();
    await expect(open()).rejects.toThrow(DocumentsOlderThanCheckpoint);
    expect(await errorOf(await open({ opensAnyhow: true }), kind)).toMatch(
      new RegExp(
        `documents are older than their checkpoint.*${name.replaceAll('.', '\\.')}.*put back to an older state`,
      ),
    );
  });

  it.each([
    ['a projection', JOURNAL],
    ['a process manager', DELIVERY],
  ])('of %s are missed when they are gone', async (_, name) => {
    await documents.drop(name);
    await expect(open()).rejects.toThrow(/there are none of them/);
  });

  it('are built anew from the log, which leads out', async () => {
    const putBack = await copyOf(JOURNAL);
    await grow();
    await run();
    await putBack();
    const gesta = await open({ opensAnyhow: true });
    expect(await errorOf(gesta, 'projection')).toContain('gesta projections rebuild parcel-journal');
    expect(await gesta.rebuild('parcel-journal')).toMatchObject({ outcome: 'switched' });
    await until('it is right', async () => (await gesta.status()).every(({ stuck }) => !stuck));
    const journals = await gesta.readModel<{ entries: string[] }>(ParcelJournal).find();
    expect(journals.map(({ entries }) => entries.length)).toEqual(PARCELS.map(() => 4));
  });

  it.each([
    ['are put back', async (putBack: () => Promise<void>) => putBack()],
    ['vanish', async () => documents.drop(JOURNAL)],
  ])('are noticed at the next event when they %s under a reader', async (_, happen) => {
    const putBack = await copyOf(JOURNAL);
    const gesta = await open();
    await grow();
    await isDone(gesta);
    await happen(putBack);
    await grow();
    expect(await errorOf(gesta, 'projection')).toContain('older than their checkpoint');
    await expect(gesta.readModel(ParcelJournal).waitFor(999n)).rejects.toThrow(DocumentsOlderThanCheckpoint);
  });

  it('may be ahead of it, as after a crash, and are gone on with', async () => {
    const putBack = await copyOf('gesta.checkpoints');
    const checkpoints = await documents.collection('gesta.checkpoints');
    const older = [...(await checkpoints.get([JOURNAL, DELIVERY])).values()];
    await grow();
    await run();
    await putBack();
    await (await documents.collection('gesta.checkpoints')).put(older);
    const gesta = await open();
    await isDone(gesta);
    const journals = await gesta.readModel<{ entries: string[] }>(ParcelJournal).find();
    expect(journals.map(({ entries }) => entries.length)).toEqual(PARCELS.map(() => 4));
  });

  it('are not believed without one where the log is another one that has outgrown it', async () => {
    await documents.drop('gesta.checkpoints');
    const log = new MemoryEventStore();
    await grow(log);
    await grow(log);
    const gesta = await open({ opensAnyhow: true, log });
    expect(await errorOf(gesta, 'projection')).toMatch(/made up to position 10, where the log has another event/);
    await expect(gesta.readModel(ParcelJournal).waitFor(1n)).rejects.toThrow(DocumentsOfAnotherLog);
  });

  it('are not believed without one where the log ends before them', async () => {
    const log = new MemoryEventStore();
    const nothing = { checkpoint: undefined, position: 0n };
    await expect(checkDocuments(log, await documents.collection(JOURNAL), nothing, 0)).rejects.toThrow(
      /made up to position 10, and the log ends at 0/,
    );
  });

  it('have a mark that no query meets and no purge takes', async () => {
    const journal = await documents.collection(JOURNAL);
    const mark = (await journal.get([MARK_KEY])).get(MARK_KEY);
    expect(mark?.body).toBeUndefined();
    const end = (await wholeLog(events)).at(-1)!.position;
    await journal.purge({ upTo: end * 1_000_000n, limit: 100 });
    expect((await journal.get([MARK_KEY])).get(MARK_KEY)).toEqual(mark);
    expect(await journal.count({})).toBe(PARCELS.length);
    await record(events, 'parcels.parcel-p0', event(ParcelErased, {}));
    await run();
    expect(await journal.count({})).toBe(PARCELS.length - 1);
  });
});
