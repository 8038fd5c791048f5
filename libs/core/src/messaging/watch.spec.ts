import { beforeEach, describe, expect, it } from '@jest/globals';
import { firstValueFrom, take, toArray } from 'rxjs';
import { cuttable, eventsThrough } from '../../test/fallible-stores.js';
import { record } from '../../test/log.js';
import { ParcelDelivered, ParcelScanned } from '../../test/parcels.js';
import { until } from '../../test/until.js';
import { event } from '../events/domain-event.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { watchEvents } from './watch.js';

const scanned = (hub: string) => event(ParcelScanned, { hub });

describe('watchEvents', () => {
  let store: MemoryEventStore;
  beforeEach(() => {
    store = new MemoryEventStore();
  });
  const seenBy = (watched: ReturnType<typeof watchEvents>) => {
    const seen: RecordedEvent[] = [];
    const errors: unknown[] = [];
    const state = { seen, errors, complete: false };
    const subscription = watched.subscribe({
      next: (each) => seen.push(each),
      error: (error: unknown) => errors.push(error),
      complete: () => (state.complete = true),
    });
    return Object.assign(state, { subscription });
  };
  const hubs = (seen: readonly RecordedEvent[]) => seen.map(({ data }) => data.hub);

  it('shows what happens from now on', async () => {
    await record(store, 'parcels.parcel-a', scanned('Köln'));
    const { seen, subscription } = seenBy(watchEvents(store));
    await record(store, 'parcels.parcel-a', scanned('Bonn'));
    await until('it is seen', () => seen.length > 0);
    expect(hubs(seen)).toEqual(['Bonn']);
    subscription.unsubscribe();
  });

  it('shows everything from the beginning, and then what happens', async () => {
    await record(store, 'parcels.parcel-a', scanned('Köln'), scanned('Bonn'));
    const { seen, subscription } = seenBy(watchEvents(store, { from: 'beginning' }));
    await until('the log is seen', () => seen.length === 2);
    await record(store, 'parcels.parcel-a', scanned('Kiel'));
    await until('the new event is seen', () => seen.length === 3);
    expect(hubs(seen)).toEqual(['Köln', 'Bonn', 'Kiel']);
    subscription.unsubscribe();
  });

  it('shows what came after a checkpoint', async () => {
    await record(store, 'parcels.parcel-a', scanned('Köln'));
    const { checkpoint: after } = await store.head();
    await record(store, 'parcels.parcel-a', scanned('Bonn'));
    const [seen] = await firstValueFrom(watchEvents(store, { from: { after } }).pipe(take(1), toArray()));
    expect(seen!.data.hub).toBe('Bonn');
  });

  it('shows what its filter lets through', async () => {
    await record(store, 'parcels.parcel-a', scanned('Köln'), event(ParcelDelivered, {}));
    const filter = { types: ['parcels.parcel-delivered'] };
    const { type } = await firstValueFrom(watchEvents(store, { from: 'beginning', filter }));
    expect(type).toBe('parcels.parcel-delivered');
  });

  it('reads for every subscriber anew, and for nobody before there is one', async () => {
    const calls: string[] = [];
    const counted = eventsThrough((call, work) => {
      calls.push(call);
      return work();
    }, store);
    await record(store, 'parcels.parcel-a', scanned('Köln'));
    const watched = watchEvents(counted, { from: 'beginning' });
    expect(calls).toEqual([]);
    expect((await firstValueFrom(watched)).data.hub).toBe('Köln');
    expect((await firstValueFrom(watched)).data.hub).toBe('Köln');
  });

  it('ends its reading when its subscriber leaves, though there is more', async () => {
    let ended = false;
    const watching = {
      ...eventsThrough((_, work) => work(), store),
      async *subscribe(options: Parameters<MemoryEventStore['subscribe']>[0]) {
        yield* store.subscribe(options);
        ended = true;
      },
    };
    await record(store, 'parcels.parcel-a', scanned('Köln'), scanned('Bonn'), scanned('Kiel'));
    const seen: unknown[] = [];
    const subscription = watchEvents(watching, { from: 'beginning' }).subscribe(({ data }) => {
      seen.push(data.hub);
      if (seen.length === 2) subscription.unsubscribe();
    });
    await until('the reading has ended', () => ended);
    expect(seen).toEqual(['Köln', 'Bonn']);
  });

  it('fails where the store goes away, and says why', async () => {
    const connection = cuttable();
    const { errors, seen } = seenBy(watchEvents(eventsThrough(connection.around, store), { from: 'beginning' }));
    await record(store, 'parcels.parcel-a', scanned('Köln'));
    await until('it is watching', () => seen.length === 1);
    connection.away = true;
    await record(store, 'parcels.parcel-a', scanned('Bonn'));
    await until('it has failed', () => errors.length === 1);
    expect(String(errors[0])).toContain('The store is away');
  });

  it('is complete when the store is closed', async () => {
    await record(store, 'parcels.parcel-a', scanned('Köln'));
    const watching = seenBy(watchEvents(store, { from: 'beginning' }));
    await until('it is watching', () => watching.seen.length === 1);
    await store.close();
    await until('it is complete', () => watching.complete);
    expect(watching.errors).toEqual([]);
  });
});
