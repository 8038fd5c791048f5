import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { record } from '../../test/log.js';
import { ParcelRegistered, ParcelTracking } from '../../test/parcels.js';
import { Gesta } from '../application/gesta.js';
import { event } from '../events/domain-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { runInMessageContext } from '../messaging/message-context.js';
import { PositionBeyondLog } from '../readers/reached.js';
import { projectionDefinition } from './projection-definition.js';
import type { ReadModel } from './read-model.js';
import { TooManyWaiting } from './waits.js';

const WITHOUT_END = { timeoutMs: 60_000 };

describe('Waits for a read model', () => {
  let events: MemoryEventStore;
  let gesta: Gesta;
  let model: ReadModel<object>;
  let position: bigint;

  // Its projections do not run: what waits, waits.
  beforeEach(async () => {
    events = new MemoryEventStore();
    const definition = projectionDefinition(ParcelTracking, () => new ParcelTracking());
    gesta = await Gesta.open({
      events,
      documents: new MemoryDocumentStore(),
      projections: [{ projectionClass: ParcelTracking, definition }],
      maxWaiting: 2,
    });
    model = gesta.readModel(ParcelTracking);
    await record(events, 'parcels.parcel-a', event(ParcelRegistered, { to: { name: 'Ada' }, grams: 1 }));
    position = (await events.head()).position;
  });
  afterEach(() => gesta.stop());

  it('end at once where the log does not go as far', async () => {
    await expect(model.waitFor(position + 1n, WITHOUT_END)).rejects.toThrow(PositionBeyondLog);
    await gesta.start();
    await model.waitFor(position, WITHOUT_END);
    await expect(model.waitFor(position + 1n, WITHOUT_END)).rejects.toThrow(PositionBeyondLog);
  });

  it('go on where the log has got as far meanwhile', async () => {
    const waiting = model.waitFor(position + 1n, WITHOUT_END);
    await record(events, 'parcels.parcel-b', event(ParcelRegistered, { to: { name: 'Bea' }, grams: 1 }));
    await gesta.start();
    await waiting;
  });

  it('are no more than a bound, which what need not wait does not count for', async () => {
    const leaving = new AbortController();
    const first = model.waitFor(position, { ...WITHOUT_END, signal: leaving.signal });
    const second = model.waitFor(position, WITHOUT_END);
    await expect(model.waitFor(position, WITHOUT_END)).rejects.toThrow(new TooManyWaiting(2));
    await model.waitFor(0n);
    leaving.abort(new Error('gone'));
    await expect(first).rejects.toThrow('gone');
    const third = model.waitFor(position, WITHOUT_END);
    await gesta.start();
    await Promise.all([second, third]);
    for (let n = 0; n < 3; n++) await model.waitFor(position);
  });

  it('end with the message that they are for', async () => {
    const gone = new AbortController();
    const waiting = runInMessageContext({ signal: gone.signal }, () => model.waitFor(position, WITHOUT_END));
    gone.abort(new Error('nobody listens'));
    await expect(waiting).rejects.toThrow('nobody listens');
    const late = runInMessageContext({ signal: gone.signal }, () => model.waitFor(position, WITHOUT_END));
    await expect(late).rejects.toThrow('nobody listens');
  });
});
