import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { record } from '../../test/log.js';
import { ParcelDelivered, ParcelRegistered } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { Gesta } from '../application/gesta.js';
import type { Class } from '../events/class.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { Notice } from '../observability/notice.js';
import { projectionDefinition } from './projection-definition.js';
import { Project, Projection } from './projection.decorator.js';

@Projection({ name: 'parcels' })
class Registered {
  @Project(ParcelRegistered)
  registered() {
    return { status: 'registered' };
  }
}

/** The same, set in another way. */
const SameAgain = (() => {
  @Projection({ name: 'parcels' })
  class Registered {
    @Project(ParcelRegistered)
    registered() {
      // Says what it is.
      return { status: 'registered' };
    }
  }
  return Registered;
})();

@Projection({ name: 'parcels' })
class OtherWords {
  @Project(ParcelRegistered)
  registered() {
    return { status: 'announced' };
  }
}

@Projection({ name: 'parcels' })
class DeliveredToo {
  @Project(ParcelRegistered)
  registered() {
    return { status: 'registered' };
  }
  @Project(ParcelDelivered)
  delivered() {
    return { status: 'delivered' };
  }
}

describe('A projection whose code has changed while its version has not', () => {
  let events: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let notices: Notice[];
  let running: Gesta[];

  beforeEach(async () => {
    events = new MemoryEventStore();
    documents = new MemoryDocumentStore();
    notices = [];
    running = [];
    await record(events, 'parcels.parcel-a', event(ParcelRegistered, { to: { name: 'Ada' }, grams: 1 }));
    await run(Registered);
  });
  afterEach(() => Promise.all(running.map((gesta) => gesta.stop())));

  const open = async (projectionClass: Class) => {
    const definition = projectionDefinition(projectionClass, new (projectionClass as new () => object)());
    const notice = (one: Notice) => void notices.push(one);
    const gesta = await Gesta.open({ events, documents, projections: [{ projectionClass, definition }], notice });
    running.push(gesta);
    return gesta;
  };
  /** Runs the code until it has caught up. @returns what it says of its documents then */
  async function run(projectionClass: Class): Promise<string | undefined> {
    const gesta = await open(projectionClass);
    gesta.start();
    await until(
      'it has caught up',
      async () => (await gesta.status())[0]!.owner && (await gesta.status())[0]!.caughtUp,
    );
    const [status] = await gesta.status();
    await gesta.stop();
    return status!.changed;
  }

  it('says so at every start, and where it is not started', async () => {
    const words = 'its fold is not the one that its documents were begun with: raise the version, or rebuild';
    expect((await (await open(OtherWords)).status())[0]!.changed).toBe(words);
    for (let start = 1; start <= 2; start++) {
      expect(await run(OtherWords)).toBe(words);
      expect(notices.filter(({ kind }) => kind === 'fold-changed')).toHaveLength(start);
    }
    expect(notices).toContainEqual({ kind: 'fold-changed', reader: 'projection.parcels.v1.g1', change: words });
  });

  it('names the events that it handles newly', async () => {
    expect(await run(DeliveredToo)).toBe(
      'it handles parcels.parcel-delivered now, of which its documents lack what was before: raise the version, or rebuild',
    );
  });

  it('says so also when its code is as it was again', async () => {
    await run(OtherWords);
    expect(await run(Registered)).toBe(
      'a part of its documents was folded by other code: raise the version, or rebuild',
    );
  });

  it('has nothing to say any more once it was rebuilt', async () => {
    const gesta = await open(DeliveredToo);
    gesta.start();
    expect(await gesta.rebuild('parcels')).toMatchObject({ outcome: 'switched' });
    await until('the new documents are shown', async () => {
      const [status] = await gesta.status();
      return status!.reader.endsWith('g2') && status!.changed === undefined;
    });
  });

  it('has nothing to say of comments, of layout and of the same code', async () => {
    expect(await run(SameAgain)).toBeUndefined();
    expect(notices.filter(({ kind }) => kind === 'fold-changed')).toEqual([]);
  });
});
