import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { gate, until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import { Event } from '../events/event.decorator.js';
import type { Class } from '../events/class.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { EventBatch, SubscribeOptions } from '../store/event-store.js';
import { projectionDefinition } from './projection-definition.js';
import { Project, Projection } from './projection.decorator.js';
import { VersionInUse } from './generation-drops.js';

@Event('versions.counted')
class Counted {
  readonly by!: number;
}

@Projection({ name: 'counts', version: 1 })
class Sums {
  @Project(Counted)
  counted({ by }: Counted, before?: { sum: number }) {
    return { sum: (before?.sum ?? 0) + by };
  }
}

/** The same projection after its fold was changed. */
@Projection({ name: 'counts', version: 2 })
class SumsAndCounts {
  @Project(Counted)
  counted({ by }: Counted, before?: { sum: number; times: number }) {
    return { sum: (before?.sum ?? 0) + by, times: (before?.times ?? 0) + 1 };
  }
}

/** A store whose log cannot be followed before somebody lets it. */
class HeldStore extends MemoryEventStore {
  hold = gate();
  override async *subscribe(options: SubscribeOptions): AsyncGenerator<EventBatch> {
    await this.hold.opened;
    yield* super.subscribe(options);
  }
}

describe('a projection whose version was raised', () => {
  let store: HeldStore;
  let documents: MemoryDocumentStore;
  const running: Gesta[] = [];

  beforeEach(() => {
    store = new HeldStore({ now: () => new Date(0) });
    documents = new MemoryDocumentStore();
  });
  afterEach(async () => {
    store.hold.open();
    await Promise.all(running.splice(0).map((gesta) => gesta.stop()));
    await store.close();
  });

  async function deploy(projectionClass: Class): Promise<Gesta> {
    const definition = projectionDefinition(projectionClass, new (projectionClass as new () => object)());
    const gesta = await Gesta.open({ events: store, documents, projections: [{ projectionClass, definition }] });
    running.push(gesta);
    gesta.start();
    return gesta;
  }
  const count = async (by: number) => {
    const events = [{ id: crypto.randomUUID(), type: 'versions.counted', version: 1, headers: {}, data: { by } }];
    return (await store.append('versions.counter-a', events, { expected: 'any' })).position;
  };
  const isReady = async (gesta: Gesta) => (await gesta.status()).every(({ caughtUp }) => caughtUp);

  it('builds documents of its own before it is ready, while the old version goes on with its own', async () => {
    store.hold.open();
    const before = await deploy(Sums);
    for (let n = 1; n <= 100; n++) await count(n);
    const old = before.readModel<{ sum: number }>(Sums);
    await old.waitFor(await count(0));

    // The new version is deployed beside the old one, and cannot read the log yet.
    store.hold = gate();
    const after = await deploy(SumsAndCounts);
    const renewed = after.readModel<{ sum: number; times?: number }>(SumsAndCounts);
    expect(await isReady(after)).toBe(false);
    expect(await renewed.find()).toEqual([]); // nothing of another version, ever
    expect(await old.findById('a')).toEqual({ sum: 5_050 });

    await count(1);
    const last = await count(1);
    await old.waitFor(last);
    store.hold.open();
    await until('the new version is ready', () => isReady(after));
    await renewed.waitFor(last);
    expect(await renewed.findById('a')).toEqual({ sum: 5_052, times: 103 });
    expect(await old.findById('a')).toEqual({ sum: 5_052 });
  });

  it('goes on with the documents of the version that the code is put back to', async () => {
    store.hold.open();
    const first = await deploy(Sums);
    await first.readModel(Sums).waitFor(await count(1));
    await first.stop();
    const second = await deploy(SumsAndCounts);
    await second.readModel(SumsAndCounts).waitFor(await count(1));
    await second.stop();
    const third = await deploy(Sums);
    const model = third.readModel<{ sum: number }>(Sums);
    await model.waitFor(await count(1));
    expect(await model.findById('a')).toEqual({ sum: 3 });
    const versions = (await documents.collections()).filter((name) => name.startsWith('projection.counts.'));
    expect(versions).toHaveLength(2);
  });

  it('keeps the documents of earlier versions until they are dropped, which is refused while a process runs one', async () => {
    store.hold.open();
    const first = await deploy(Sums);
    await first.readModel(Sums).waitFor(await count(1));
    const second = await deploy(SumsAndCounts);
    await second.readModel(SumsAndCounts).waitFor(await count(1));
    expect((await second.projections())[0]).toMatchObject({ version: 2, earlierVersions: [1] });
    await expect(second.dropEarlierVersions('counts')).rejects.toThrow(VersionInUse);
    expect(await first.readModel(Sums).findById('a')).toBeDefined();

    await first.stop();
    expect(await second.dropEarlierVersions('counts')).toEqual([1]);
    expect((await second.projections())[0]).toMatchObject({ earlierVersions: [] });
    expect((await documents.collections()).filter((name) => name.startsWith('projection.counts.v1'))).toEqual([]);
    expect(await second.readModel(SumsAndCounts).findById('a')).toEqual({ sum: 2, times: 2 });

    // The code of the first version finds nothing, and makes its documents anew.
    await second.stop();
    const again = await deploy(Sums);
    await again.readModel(Sums).waitFor(await count(1));
    expect(await again.readModel(Sums).findById('a')).toEqual({ sum: 3 });
  });
});
