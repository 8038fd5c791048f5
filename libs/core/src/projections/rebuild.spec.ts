import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { documentsThrough } from '../../test/fallible-stores.js';
import { Condition, refusing } from '../../test/refusing-store.js';
import { gate, until } from '../../test/until.js';
import { Gesta, type GestaOptions } from '../application/gesta.js';
import { Event } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Leases } from '../readers/leases.js';
import { NothingToRollBackTo, RebuildRunning } from './rebuild.js';
import { Project, Projection } from './projection.decorator.js';
import { projectionDefinition } from './projection-definition.js';

@Event('meters.read')
class MeterRead {
  readonly value!: number;
}

interface Meter {
  readonly sum: number;
}

/** What the folds of a test do: good, or throwing on some values. */
class Meters {
  poison = (_value: number) => false;

  read({ value }: MeterRead, before?: Meter): Meter {
    if (this.poison(value)) throw new Error(`cannot fold ${value}`);
    return { sum: (before?.sum ?? 0) + value };
  }
}
Projection({ name: 'meters' })(Meters);
Project(MeterRead)(Meters.prototype, 'read', Object.getOwnPropertyDescriptor(Meters.prototype, 'read')!);

describe('rebuilding a projection', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let running: Gesta[];

  beforeEach(() => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    running = [];
  });
  afterEach(() => Promise.all(running.map((gesta) => gesta.stop())));

  async function open(meters = new Meters(), options: Partial<GestaOptions> = {}): Promise<Gesta> {
    const projections = [{ projectionClass: Meters, definition: projectionDefinition(Meters, meters) }];
    const gesta = await Gesta.open({ events, documents, projections, ...options });
    running.push(gesta);
    return gesta;
  }

  const read = (meter: string, value: number) =>
    events.append(
      `meters.meter-${meter}`,
      [{ id: randomUUID(), type: 'meters.read', version: 1, headers: {}, data: { value } }],
      {
        expected: 'any',
      },
    );

  async function documentsOf(generation: number): Promise<JsonObject> {
    const found = await (await documents.collection(`projection.meters.v1.g${generation}`)).find({});
    return Object.fromEntries(found.map(({ key, version, body }) => [key, { version: version.toString(), ...body }]));
  }

  const statesOf = async (gesta: Gesta) => {
    const [status] = await gesta.projections();
    return Object.fromEntries(status!.generations.map(({ number, state }) => [number, state]));
  };

  it('makes the same documents beside the live ones, then makes them live', async () => {
    const gesta = await open();
    gesta.start();
    for (let value = 1; value <= 50; value++) await read(`m${value % 7}`, value);
    const { position } = await read('m0', 1);
    await gesta.readModel(Meters).waitFor(position);

    expect(await gesta.rebuild('meters')).toEqual({ generation: 2, outcome: 'switched', events: 51, parked: 0 });
    expect(await statesOf(gesta)).toEqual({ 1: 'frozen', 2: 'live' });
    expect(await documentsOf(2)).toEqual(await documentsOf(1));
  });

  it('shows readers one generation or the other, whole, while events go on coming', async () => {
    const gesta = await open();
    gesta.start();
    for (let value = 0; value < 200; value++) await read('m', 1);
    const readModel = gesta.readModel<Meter>(Meters);
    let least = 200;
    await readModel.waitFor((await events.head()).position);
    const rebuilding = gesta.rebuild('meters');
    const ended = rebuilding.then(() => true);
    while (!(await Promise.race([ended, nextTurn(false)]))) {
      const { position } = await read('m', 1);
      await readModel.waitFor(position);
      const sum = (await readModel.findById('m'))!.sum;
      expect(sum).toBe(++least);
    }
    expect((await rebuilding).outcome).toBe('switched');
    await until('the new generation is the one that is followed', async () => {
      const { position } = await read('m', 1);
      await readModel.waitFor(position);
      expect((await readModel.findById('m'))!.sum).toBe(++least);
      return (await gesta.status())[0]!.reader === 'projection.meters.v1.g2';
    });
  });

  it('is resumed where it was stopped', async () => {
    const gesta = await open();
    for (let value = 0; value < 5_000; value++) await read(`m${value % 100}`, value);
    const stopping = new AbortController();
    const first = await gesta.rebuild('meters', { signal: stopping.signal, progress: () => stopping.abort() });
    expect(first).toMatchObject({ generation: 2, outcome: 'stopped' });
    const second = await gesta.rebuild('meters');
    expect(second).toMatchObject({ generation: 2, outcome: 'switched' });
    expect(first.events + second.events).toBeGreaterThanOrEqual(5_000);
    expect(Object.keys(await documentsOf(2))).toHaveLength(100);
  });

  it('is cancelled from another process, and its documents are gone', async () => {
    const gesta = await open();
    await read('m', 1);
    const elsewhere = await open();
    await gesta.rebuild('meters', { signal: AbortSignal.abort() });
    expect(await elsewhere.cancelRebuild('meters')).toBe(true);
    expect(await statesOf(gesta)).toEqual({ 1: 'live' });
    expect(await documents.collections()).not.toContain('projection.meters.v1.g2');
    expect(await elsewhere.cancelRebuild('meters')).toBe(false);
    expect((await gesta.rebuild('meters')).generation).toBe(3); // a number is never used again
  });

  it('is not switched to while keys are parked that the live generation has', async () => {
    const meters = new Meters();
    const gesta = await open(meters);
    gesta.start();
    for (const meter of ['good', 'bad']) await read(meter, meter.length);
    await gesta.readModel(Meters).waitFor((await events.head()).position);
    meters.poison = (value) => value === 3;
    expect(await gesta.rebuild('meters')).toMatchObject({ outcome: 'parked', parked: 1 });
    expect(await statesOf(gesta)).toEqual({ 1: 'live', 2: 'building' });

    meters.poison = () => false;
    const [letter] = await gesta.deadLetters.list();
    await gesta.deadLetters.retry(letter!.id);
    expect((await gesta.rebuild('meters')).outcome).toBe('switched');
    expect(await documentsOf(2)).toMatchObject({ bad: { sum: 3 }, good: { sum: 4 } });
  });

  it('is not switched to while another event of a key is parked than in the live generation', async () => {
    const meters = new Meters();
    meters.poison = (value) => value === 5;
    const gesta = await open(meters);
    gesta.start();
    for (const value of [3, 4, 5]) await read('bad', value);
    await gesta.readModel(Meters).waitFor((await events.head()).position);
    expect(await gesta.rebuild('meters')).toMatchObject({ outcome: 'switched', parked: 1 });

    meters.poison = (value) => value === 4 || value === 5; // the code is worse than it was
    expect(await gesta.rebuild('meters')).toMatchObject({ outcome: 'parked', parked: 1 });
    meters.poison = (value) => value === 5;
    for (const letter of await gesta.deadLetters.list({ reader: 'projection.meters.v1.g3' }))
      await gesta.deadLetters.retry(letter);
    expect((await gesta.rebuild('meters')).outcome).toBe('switched');
  });

  it('folds the others when one key in a backlog fails, and parks that one', async () => {
    const meters = new Meters();
    meters.poison = (value) => value === 3_333;
    const gesta = await open(meters);
    for (let value = 0; value < 4_000; value++) await read(`m${value}`, value);
    gesta.start();
    await gesta.readModel(Meters).waitFor((await events.head()).position);
    expect(Object.keys(await documentsOf(1))).toHaveLength(3_999);
    expect(await gesta.deadLetters.list()).toMatchObject([{ key: 'm3333', error: { message: 'cannot fold 3333' } }]);
  });

  it('is not switched to while its store refuses documents that the live generation has, and is after the fix', async () => {
    const rule = new Condition(() => false);
    const gesta = await open(new Meters(), { documents: refusing(rule, documents) });
    gesta.start();
    for (let value = 0; value < 2_000; value++) await read(`m${value % 500}`, value);
    await gesta.readModel(Meters).waitFor((await events.head()).position);
    rule.refuses = ({ sum }) => Number(sum) > 2_990 && Number(sum) < 3_000; // of three meters, at their third reading
    const { outcome, parked } = await gesta.rebuild('meters');
    expect({ outcome, parked }).toEqual({ outcome: 'parked', parked: 3 });
    expect(await statesOf(gesta)).toEqual({ 1: 'live', 2: 'building' });

    rule.refuses = () => false;
    for (const { id } of await gesta.deadLetters.list()) await gesta.deadLetters.retry(id);
    expect((await gesta.rebuild('meters')).outcome).toBe('switched');
    expect(await documentsOf(2)).toEqual(await documentsOf(1));
  });

  it('is refused while another process is building the same generation', async () => {
    const gesta = await open();
    await read('m', 1);
    await gesta.rebuild('meters', { signal: AbortSignal.abort() });
    const elsewhere = await Leases.open(documents);
    const lease = await elsewhere.acquire('projection.meters.v1.g2', new AbortController().signal);
    await expect(gesta.rebuild('meters')).rejects.toThrow(RebuildRunning);
    await lease!.release();
    expect((await gesta.rebuild('meters')).outcome).toBe('switched');
  });

  it('goes on with what a process of another machine has left that was killed, once its lease is over', async () => {
    const gesta = await open();
    const leases = await documents.collection('gesta.leases');
    const body = { id: 'another', host: 'elsewhere', pid: 1, processBegan: 0, ttlMs: 300 };
    await leases.put([{ key: 'projection.meters.v1.g2', version: 1n, body }]);
    expect(await gesta.rebuild('meters')).toMatchObject({ outcome: 'switched', generation: 2 });
  });

  it('is taken back: the generation before catches up and is live again', async () => {
    const gesta = await open();
    gesta.start();
    await expect(gesta.rollBack('meters')).rejects.toThrow(NothingToRollBackTo);
    await read('m', 1);
    await gesta.rebuild('meters');
    await until('the new generation is followed', async () => (await gesta.status())[0]!.reader.endsWith('g2'));
    const { position } = await read('m', 2);
    await gesta.readModel(Meters).waitFor(position);
    expect(await gesta.rollBack('meters')).toMatchObject({ generation: 1, outcome: 'switched' });
    await until('the old generation is followed', async () => (await gesta.status())[0]!.reader.endsWith('g1'));
    expect(await gesta.readModel<Meter>(Meters).findById('m')).toEqual({ sum: 3 });
    expect(await statesOf(gesta)).toEqual({ 1: 'live', 2: 'frozen' });
  });

  it('leaves the generation before until it is pruned', async () => {
    const gesta = await open();
    await read('m', 1);
    await gesta.rebuild('meters');
    expect(await gesta.prune('meters')).toEqual([1]);
    expect(await statesOf(gesta)).toEqual({ 2: 'live' });
    expect(await documents.collections()).not.toContain('projection.meters.v1.g1');
  });

  it('does not prune a generation that is taken back meanwhile', async () => {
    const gesta = await open();
    await read('a', 1);
    gesta.start();
    await gesta.rebuild('meters');
    const pruning = gesta.prune('meters');
    await gesta.rollBack('meters');
    expect(await pruning).toEqual([]);
    expect(await statesOf(gesta)).toEqual({ 1: 'live', 2: 'frozen' });
    expect(await gesta.readModel<Meter>(Meters).findById('a')).toEqual({ sum: 1 });
  });

  it('shows a process that stood still the new documents once the old ones are pruned, and never none', async () => {
    await read('a', 1);
    const running = await open();
    running.start();
    const standing = gate();
    let stands = false;
    const slow = await open(new Meters(), {
      documents: documentsThrough(async (call, work) => {
        if (stands && call === 'get gesta.generations') await standing.opened;
        return work();
      }, documents),
    });
    const meters = slow.readModel<Meter>(Meters);
    slow.start();
    await until('it is there', async () => (await meters.findById('a')) !== undefined);
    stands = true; // it does not come to look which generation is live
    await running.rebuild('meters');
    await running.prune('meters');
    const asked = [meters.findById('a'), meters.find(), meters.count()];
    standing.open();
    expect(await Promise.all(asked)).toEqual([{ sum: 1 }, [{ sum: 1 }], 1]);
  });

  it('refuses a name that no projection has, and says which there are', async () => {
    const gesta = await open();
    await expect(gesta.rebuild('metres')).rejects.toThrow("There is no projection 'metres'; there are: meters");
  });
});
