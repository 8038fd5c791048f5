import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { documentsThrough, dyingAt, eventsThrough, mortal } from '../../test/fallible-stores.js';
import { gate, until } from '../../test/until.js';
import { Gesta, type GestaOptions } from '../application/gesta.js';
import type { Class } from '../events/class.js';
import { Event } from '../events/event.decorator.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { ReadModelBehind } from '../readers/reached.js';
import { VersionInUse } from './generation-drops.js';
import { Generations } from './generations.js';
import { Project, Projection } from './projection.decorator.js';
import { projectionDefinition } from './projection-definition.js';

@Event('tills.rung')
class Rung {
  readonly cents!: number;
}

interface Till {
  readonly cents: number;
}

@Projection({ name: 'tills', version: 2 })
class Tills {
  @Project(Rung)
  rung({ cents }: Rung, before?: Till): Till {
    return { cents: (before?.cents ?? 0) + cents };
  }
}

@Projection({ name: 'tills', version: 1 })
class FirstTills extends Tills {}
Project(Rung)(FirstTills.prototype, 'rung', Object.getOwnPropertyDescriptor(Tills.prototype, 'rung')!);

const TILLS = 20;
const GENERATION = /^projection\.tills\.v\d+\.g\d+$/;

describe('generations that several operators ask something of at once', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let running: Gesta[];

  beforeEach(async () => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    running = [];
    for (let till = 0; till < TILLS; till++) await ring(`${till}`);
  });
  afterEach(() => Promise.all(running.map((gesta) => gesta.stop())));

  const ring = (till: string, into = events) =>
    into.append(
      `tills.till-${till}`,
      [{ id: randomUUID(), type: 'tills.rung', version: 1, headers: {}, data: { cents: 1 } }],
      { expected: 'any' },
    );

  async function open(options: Partial<GestaOptions> = {}, projectionClass: Class = Tills): Promise<Gesta> {
    const definition = projectionDefinition(projectionClass, new (projectionClass as new () => object)());
    const projections = [{ projectionClass, definition }];
    const gesta = await Gesta.open({ events, documents, projections, leaseMs: 600, ...options });
    running.push(gesta);
    return gesta;
  }

  async function application(projectionClass?: Class): Promise<Gesta> {
    const gesta = await open({}, projectionClass);
    gesta.start();
    await gesta.readModel(projectionClass ?? Tills).waitFor((await events.head()).position);
    return gesta;
  }

  /** A process for which the log begins to be read when somebody lets it. */
  async function held() {
    const hold = gate();
    const asked = gate();
    const around = async <T>(call: string, work: () => Promise<T>) => {
      if (call === 'subscribe') {
        asked.open();
        await hold.opened;
      }
      return work();
    };
    return { gesta: await open({ events: eventsThrough(around, events) }), release: hold.open, asked: asked.opened };
  }

  const statesOf = async (gesta: Gesta) => {
    const [status] = await gesta.projections();
    return Object.fromEntries(status!.generations.map(({ number, state }) => [number, state]));
  };
  const isWhole = async (gesta: Gesta, projectionClass: Class = Tills) => {
    const { position } = await ring('0');
    const model = gesta.readModel<Till>(projectionClass);
    await model.waitFor(position);
    const cents = (await events.head()).position - BigInt(TILLS) + 1n; // every till was rung once
    expect(await model.findById('0')).toEqual({ cents: Number(cents) });
    expect(await model.count()).toBe(TILLS);
  };

  it('tell the later of two rebuilds that the other has finished, and keep what is live', async () => {
    const app = await application();
    const [one, other] = [await held(), await held()];
    const first = one.gesta.rebuild('tills');
    await one.asked;
    const second = other.gesta.rebuild('tills');
    await until('the other one waits for its turn', async () => (await statesOf(app))[2] === 'building');
    one.release();
    other.release();
    expect((await first).outcome).toBe('switched');
    expect(await second).toMatchObject({ outcome: 'overtaken', generation: 2 });
    expect(await statesOf(app)).toEqual({ 1: 'frozen', 2: 'live' });
    await isWhole(app);
  });

  it('do not go back behind a rebuild that has finished meanwhile', async () => {
    const app = await application();
    await app.rebuild('tills');
    await until('it is shown', async () => (await app.status())[0]!.reader.endsWith('.g2'));
    const back = await held();
    const goingBack = back.gesta.rollBack('tills');
    await back.asked;
    expect((await app.rebuild('tills')).outcome).toBe('switched');
    back.release();
    expect((await goingBack).outcome).toBe('overtaken');
    expect(await statesOf(app)).toEqual({ 1: 'frozen', 2: 'frozen', 3: 'live' });
    await isWhole(app);
  });

  it('go back once where two ask for it, and do not prune what is gone back to', async () => {
    const app = await application();
    await app.rebuild('tills');
    await until('it is shown', async () => (await app.status())[0]!.reader.endsWith('.g2'));
    const [one, other] = [await held(), await held()];
    const first = one.gesta.rollBack('tills');
    await one.asked;
    const second = other.gesta.rollBack('tills').then(
      ({ outcome }) => outcome,
      ({ name }: Error) => name,
    );
    const pruning = app.prune('tills');
    one.release();
    other.release();
    expect((await first).outcome).toBe('switched');
    expect(['overtaken', 'RebuildRunning']).toContain(await second);
    expect(await pruning).toEqual([]);
    expect(await statesOf(app)).toEqual({ 1: 'live', 2: 'frozen' });
    await isWhole(app);
  });

  it('keep one that becomes live just as a prune is to give it up', async () => {
    const app = await application();
    await app.rebuild('tills');
    await until('it is shown', async () => (await app.status())[0]!.reader.endsWith('.g2'));
    const generations = await Generations.open(documents);
    let isLive = false;
    const pruning = await open({
      documents: documentsThrough(async (call, work) => {
        if (call === 'put gesta.generations' && !isLive) {
          isLive = true;
          const back = { number: 1, state: 'frozen', from: 2 } as const;
          await generations.switchTo({ name: 'tills', version: 2 }, back, 1_000n);
        }
        return work();
      }, documents),
    });
    expect(await pruning.prune('tills')).toEqual([]);
    expect(await statesOf(app)).toEqual({ 1: 'live', 2: 'frozen' });
    await isWhole(app);
  });

  it('prune once where two ask for it', async () => {
    const app = await application();
    await app.rebuild('tills');
    const pruned = await Promise.all([app.prune('tills'), (await open()).prune('tills')]);
    expect(pruned.flat()).toEqual([1]);
    expect(await statesOf(app)).toEqual({ 2: 'live' });
    await isWhole(app);
  });

  it('are dropped whole by who asks again, wherever the first one was killed', async () => {
    const end = await Promise.all(
      Array.from({ length: 16 }, (_, nth) => (['before', 'after'] as const).map((when) => ({ nth, when })))
        .flat()
        .map(async ({ nth, when }) => {
          const own = { events: new MemoryEventStore(), documents: new MemoryDocumentStore() };
          for (let till = 0; till < TILLS; till++) await ring(`${till}`, own.events);
          const app = await open(own);
          await app.rebuild('tills');
          await app.rebuild('tills', { signal: AbortSignal.abort() });
          let dies = false;
          const fate = dyingAt(nth, when);
          const { around, dead } = mortal((call) => (dies ? fate(call) : undefined));
          const killed = await open({ ...own, documents: documentsThrough(around, own.documents) });
          dies = true;
          const letGo = await killed.cancelRebuild('tills').then(
            () => killed.prune('tills'),
            () => undefined,
          ).catch(() => undefined); // prettier-ignore
          expect(letGo === undefined).toBe(dead());
          await app.cancelRebuild('tills');
          await app.prune('tills');
          expect(await app.prune('tills')).toEqual([]);
          expect(await statesOf(app)).toEqual({ 2: 'live' });
          expect(await app.readModel(Tills).count()).toBe(TILLS);
          expect((await own.documents.collections()).filter((name) => GENERATION.test(name))).toEqual([
            'projection.tills.v2.g2',
          ]);
          return dead();
        }),
    );
    expect(end.filter(Boolean).length).toBeGreaterThan(20); // it was killed in most of them
  });

  it('leave nothing behind of what a process writes late into one that is dropped', async () => {
    const app = await application();
    const late = gate();
    let writes = 0;
    const slow = await open({
      documents: documentsThrough(async (call, work) => {
        if (call === 'put projection.tills.v2.g2' && writes++ === 0) await late.opened;
        return work();
      }, documents),
      leaseMs: 100_000,
    });
    const rebuilding = slow.rebuild('tills').catch(() => undefined);
    await until('it writes', () => writes > 0);
    // Somebody else takes it for gone, as where it stood still past its lease.
    const leases = await documents.collection('gesta.leases');
    const [{ version }] = [(await leases.get(['projection.tills.v2.g2'])).get('projection.tills.v2.g2')!];
    await leases.put([{ key: 'projection.tills.v2.g2', version: version + 1n, body: undefined }]);
    expect(await app.cancelRebuild('tills')).toBe(true);
    expect(await statesOf(app)).toEqual({ 1: 'live' });
    late.open();
    await rebuilding;
    await until(
      'what it wrote is gone',
      async () => !(await documents.collections()).includes('projection.tills.v2.g2'),
    );
    expect(await app.rebuild('tills')).toMatchObject({ generation: 3, outcome: 'switched' });
    await isWhole(app);
  });

  it('are swept up with a prune where the process that wrote late is gone too', async () => {
    const app = await application();
    await app.rebuild('tills', { signal: AbortSignal.abort() });
    await app.cancelRebuild('tills');
    await (await documents.collection('projection.tills.v2.g2')).put([{ key: '0', version: 1n, body: { cents: 1 } }]);
    await app.prune('tills');
    expect(await documents.collections()).not.toContain('projection.tills.v2.g2');
  });

  it('begin anew in a version that was dropped and is run again, with nothing of before', async () => {
    const first = await application(FirstTills);
    await first.stop();
    const app = await application();
    expect(await app.dropEarlierVersions('tills')).toEqual([1]);
    const again = await application(FirstTills);
    const [status] = await again.projections();
    expect(status!.live).toBeGreaterThan(1);
    await isWhole(again, FirstTills);
    await again.stop();
    const once = await application(FirstTills); // what it saved is gone on with
    await isWhole(once, FirstTills);
  });

  it('are not dropped with an earlier version that somebody rebuilds, and are when its process is gone', async () => {
    const first = await application(FirstTills);
    await first.stop();
    const app = await application();
    const hold = gate();
    const rebuilder = await open(
      {
        events: eventsThrough(async (call, work) => {
          if (call === 'subscribe') await hold.opened;
          return work();
        }, events),
      },
      FirstTills,
    );
    const rebuilding = rebuilder.rebuild('tills');
    await until('it is begun', async () => (await statesOf(rebuilder))[2] === 'building');
    const leases = await documents.collection('gesta.leases');
    await until(
      'it is owned',
      async () => (await leases.get(['projection.tills.v1.g2'])).get('projection.tills.v1.g2')?.body,
    );
    await expect(app.dropEarlierVersions('tills')).rejects.toThrow(VersionInUse);
    hold.open();
    expect((await rebuilding).outcome).toBe('switched');
    expect(await app.dropEarlierVersions('tills')).toEqual([1]);
    expect((await documents.collections()).filter((name) => name.includes('tills.v1'))).toEqual([]);
    expect(await app.dropEarlierVersions('tills')).toEqual([]);
  });

  it('answer from the ones before as long as who owns the new ones stands still', async () => {
    const app = await application();
    let stands = false;
    const never = gate();
    const standing = await open({
      leaseMs: 100_000,
      documents: documentsThrough(async (call, work) => {
        if (stands) await never.opened;
        const answer = await work();
        if (call === 'put gesta.generations' && (await statesOf(app))[2] === 'live') stands = true;
        return answer;
      }, documents),
    });
    const rebuilding = standing.rebuild('tills');
    await until('it has switched and stands still', () => stands);
    const model = app.readModel<Till>(Tills);
    let cents = (await model.findById('0'))!.cents;
    const began = performance.now();
    while (performance.now() - began < 4_000) {
      const { position } = await ring('0');
      await model.waitFor(position, { timeoutMs: 2_000 }); // what was written is read, and nobody waits for the others
      expect(await model.findById('0')).toEqual({ cents: ++cents });
    }
    await expect(model.waitFor((await events.head()).position + 1n, { timeoutMs: 1 })).rejects.toThrow(ReadModelBehind);
    never.open();
    await rebuilding;
    await until('the new ones are shown', async () => (await app.status())[0]!.reader.endsWith('.g2'));
    await isWhole(app);
  });
});
