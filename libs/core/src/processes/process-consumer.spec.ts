import { beforeEach, describe, expect, it } from '@jest/globals';
import { collectionThrough, dyingAt, eventsThrough, mortal, type Around } from '../../test/fallible-stores.js';
import { keyed, record, recordAs, wholeLog } from '../../test/log.js';
import { BookCourier, ParcelDelivery, ParcelErased, ParcelRegistered, ParcelScanned } from '../../test/parcels.js';
import { Condition, refusingCollection } from '../../test/refusing-store.js';
import type { Class } from '../events/class.js';
import { event } from '../events/domain-event.js';
import type { EventMetadata, RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { DocumentCollection } from '../store/document-store.js';
import type { EventStore } from '../store/event-store.js';
import { send, type Effects } from './effects.js';
import { ProcessConsumer } from './process-consumer.js';
import { processDefinition } from './process-definition.js';
import { ProcessManager, When } from './process-manager.decorator.js';

const registered = event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 });
const scanned = (hub: string) => event(ParcelScanned, { hub });
const COMMANDS = { categories: ['courier.command'] };

/** Fails in as many ways as the hub tells. */
@ProcessManager({ name: 'failing', startFrom: 'beginning' })
class Failing {
  private seen: string[] = [];

  @When(ParcelScanned)
  scanned({ hub }: ParcelScanned, { streamId }: EventMetadata): Effects {
    this.seen.push(hub);
    if (hub === 'nowhere') throw new Error('There is no such hub');
    return send(BookCourier, { parcelId: streamId, grams: hub === 'everywhere' ? Infinity : this.seen.length });
  }
}

describe('ProcessConsumer', () => {
  let store: MemoryEventStore;
  let instances: DocumentCollection;

  beforeEach(async () => {
    store = new MemoryEventStore();
    instances = await new MemoryDocumentStore().collection('instances');
  });

  const consumerOf = (processClass: Class, around: Around = (_, work) => work()) =>
    new ProcessConsumer(
      processDefinition(processClass),
      collectionThrough(around, instances),
      eventsThrough(around, store) as EventStore,
      () => new Date(),
    );
  const take = (consumer: ProcessConsumer, events: readonly RecordedEvent[], late = false) =>
    consumer.take(keyed(consumer, events), { late });
  const bodyOf = async (key: string) => (await instances.get([key])).get(key)?.body;
  const commands = () => wholeLog(store, COMMANDS);

  it('keeps an instance as one document: its state, its commands, and when it wants to be woken', async () => {
    store = new MemoryEventStore({ now: () => new Date(1_000) });
    const { position } = await record(store, 'parcels.parcel-a', registered);
    await take(consumerOf(ParcelDelivery), await wholeLog(store));
    expect((await instances.get(['a'])).get('a')).toMatchObject({
      version: position,
      body: {
        fields: { parcelId: 'a', told: 1, seen: [] },
        deadlines: { delivery: 259_201_000 },
        dueAt: 259_201_000,
        completed: false,
        outbox: [{ type: 'courier.book-courier' }, { type: 'courier.tell-receiver' }],
      },
    });
  });

  it('has commands travel in streams of their own, with what they follow from and whom a refusal is for', async () => {
    await recordAs(store, 'parcels.parcel-a', {
      ...registered,
      version: 2,
      headers: { correlationId: 'the request', traceparent: '00-1-2-01', userId: 'ada', other: 'stays behind' },
    });
    const [cause] = await wholeLog(store);
    await take(consumerOf(ParcelDelivery), [cause!]);
    const [booked, told] = await commands();
    expect(booked).toMatchObject({
      type: 'courier.book-courier',
      version: 1,
      streamId: `courier.command-${booked!.id}`,
      revision: 0,
      data: { parcelId: 'a', grams: 500 },
    });
    expect(booked!.headers).toEqual({
      correlationId: 'the request',
      traceparent: '00-1-2-01',
      userId: 'ada',
      causationId: cause!.id,
      replyTo: { process: 'parcel-delivery', key: 'a' },
    });
    expect(told!.id).not.toBe(booked!.id);
  });

  it('lets commands leave only after the state that they follow from is stored', async () => {
    const calls: string[] = [];
    await record(store, 'parcels.parcel-a', registered);
    const events = await wholeLog(store);
    const consumer = consumerOf(ParcelDelivery, (call, work) => {
      calls.push(call.replace(/-.*/, ''));
      return work();
    });
    await take(consumer, events);
    expect(calls).toEqual(['get instances', 'put instances', 'append courier.command', 'append courier.command']);
  });

  it('sees off what an owner left that died after the state was stored', async () => {
    await record(store, 'parcels.parcel-a', registered, scanned('Köln'));
    const events = await wholeLog(store);
    const { around } = mortal(dyingAt(2, 'before')); // get, put, and then the first command
    await expect(take(consumerOf(ParcelDelivery, around), events)).rejects.toThrow('gone');
    expect(await commands()).toEqual([]);
    await take(consumerOf(ParcelDelivery), events);
    expect((await commands()).map(({ data }) => data.what ?? 'book')).toEqual(['book', 'registered', 'in Köln']);
  });

  it('sees off what an owner left that died while it saw them off, in its order and without repeats', async () => {
    await record(store, 'parcels.parcel-a', registered, scanned('Köln'));
    const events = await wholeLog(store);
    const { around } = mortal(dyingAt(3, 'after'));
    await expect(take(consumerOf(ParcelDelivery, around), events)).rejects.toThrow('gone');
    expect(await commands()).toHaveLength(2);
    // With other batches, and one event more.
    await record(store, 'parcels.parcel-a', scanned('Bonn'));
    const [, second, third] = await wholeLog(store, { types: ['parcels.parcel-registered', 'parcels.parcel-scanned'] });
    const next = consumerOf(ParcelDelivery);
    await take(next, [events[0]!]);
    await take(next, [second!, third!]);
    expect((await commands()).map(({ data }) => data.what ?? 'book')).toEqual([
      'book',
      'registered',
      'in Köln',
      'in Bonn',
    ]);
  });

  it('sees off what followed from an event that was held back, also when later events of its key come first', async () => {
    await record(store, 'parcels.parcel-a', registered, scanned('Köln'), scanned('Bonn'));
    const [first, second, third] = await wholeLog(store);
    await take(consumerOf(ParcelDelivery), [first!]);
    const { around } = mortal(dyingAt(2, 'before'));
    await expect(take(consumerOf(ParcelDelivery, around), [second!], true)).rejects.toThrow('gone');
    await take(consumerOf(ParcelDelivery), [third!]);
    expect((await commands()).map(({ data }) => data.what ?? 'book')).toEqual([
      'book',
      'registered',
      'in Köln',
      'in Bonn',
    ]);
  });

  it('does not store anew what has not changed, nor send again what it knows to have left', async () => {
    await record(store, 'parcels.parcel-a', registered, event(ParcelErased, {}), scanned('Köln'));
    const calls: string[] = [];
    const consumer = consumerOf(ParcelDelivery, (call, work) => {
      calls.push(call.replace(/-.*/, ''));
      return work();
    });
    const [first, second, third] = await wholeLog(store);
    await take(consumer, [first!, second!]);
    calls.length = 0;
    await take(consumer, [third!]); // the process is complete
    expect(calls).toEqual(['get instances']);
  });

  describe('when a method throws', () => {
    it('names the event and the key, keeps the state before it, and lets earlier commands leave', async () => {
      await record(store, 'parcels.parcel-a', scanned('Köln'), scanned('nowhere'), scanned('Bonn'));
      await record(store, 'parcels.parcel-b', scanned('Bonn'));
      const log = await wholeLog(store);
      expect(await take(consumerOf(Failing), log)).toEqual([
        { key: 'a', event: log[1], error: new Error('There is no such hub'), attempts: 3 },
      ]);
      expect(await bodyOf('a')).toMatchObject({ fields: { seen: ['Köln'] } });
      expect(await bodyOf('b')).toMatchObject({ fields: { seen: ['Bonn'] } });
      expect((await commands()).map(({ data }) => data.parcelId).sort()).toEqual([
        'parcels.parcel-a',
        'parcels.parcel-b',
      ]);
    });

    it('takes a command that JSON cannot hold for a failure of that event alone', async () => {
      await record(store, 'parcels.parcel-a', scanned('Köln'), scanned('everywhere'), scanned('Bonn'));
      await record(store, 'parcels.parcel-b', scanned('Bonn'));
      const log = await wholeLog(store);
      expect(await take(consumerOf(Failing), log)).toMatchObject([
        { key: 'a', event: { position: 2n }, error: { name: 'NotJson' } },
      ]);
      expect(await bodyOf('a')).toMatchObject({ fields: { seen: ['Köln'] } });
      expect(await bodyOf('b')).toMatchObject({ fields: { seen: ['Bonn'] } });
      expect(await commands()).toHaveLength(2);
    });
  });

  describe('when the store refuses an instance', () => {
    const rule = new Condition(({ fields }) => (fields as { seen: string[] }).seen.includes('customs'));
    const refusingConsumer = (around: Around = (_, work) => work()) =>
      new ProcessConsumer(
        processDefinition(ParcelDelivery),
        refusingCollection(rule, collectionThrough(around, instances)),
        eventsThrough(around, store),
        () => new Date(),
      );
    const told = async () => (await commands()).map(({ data }) => `${String(data.parcelId)}: ${String(data.what)}`);

    it('names the event and the key, keeps the state before it, and lets only what followed from that leave', async () => {
      await record(store, 'parcels.parcel-a', scanned('Köln'), scanned('customs'), scanned('Bonn'));
      await record(store, 'parcels.parcel-b', scanned('Bonn'));
      await record(store, 'parcels.parcel-c', scanned('customs'));
      const log = await wholeLog(store);
      expect(await take(refusingConsumer(), log)).toMatchObject([
        { key: 'a', event: log[1], error: { name: 'DocumentRefused' }, attempts: 1 },
        { key: 'c', event: log[4], error: { name: 'DocumentRefused' }, attempts: 1 },
      ]);
      expect((await instances.get(['a'])).get('a')).toMatchObject({
        version: 1n,
        body: { fields: { seen: ['Köln'] } },
      });
      expect(await bodyOf('b')).toMatchObject({ fields: { seen: ['Bonn'] } });
      expect(await bodyOf('c')).toBeUndefined();
      expect((await told()).sort()).toEqual(['a: in Köln', 'b: in Bonn']);
    });

    it('acts on the event and those behind it after the fix, as if nothing had been', async () => {
      await record(store, 'parcels.parcel-a', scanned('Köln'), scanned('customs'), scanned('Bonn'));
      const log = await wholeLog(store);
      await take(refusingConsumer(), log);
      expect(await take(consumerOf(ParcelDelivery), log.slice(1))).toEqual([]);
      expect(await told()).toEqual(['a: in Köln', 'a: in customs', 'a: in Bonn']);
    });

    it('sees off what an owner left that died after the state before it was stored', async () => {
      await record(store, 'parcels.parcel-a', scanned('Köln'), scanned('customs'));
      const log = await wholeLog(store);
      const { around, dead } = mortal((call) => (call.startsWith('append') ? 'before' : undefined));
      await expect(take(refusingConsumer(around), log)).rejects.toThrow('gone');
      expect(dead()).toBe(true);
      expect(await bodyOf('a')).toMatchObject({ fields: { seen: ['Köln'] } });
      expect(await take(refusingConsumer(), log)).toMatchObject([{ key: 'a', event: log[1] }]);
      expect(await told()).toEqual(['a: in Köln']);
    });
  });

  describe('with events that were held back', () => {
    it('acts on them where the instance has not gone on', async () => {
      await record(store, 'parcels.parcel-a', registered);
      expect(await take(consumerOf(ParcelDelivery), await wholeLog(store), true)).toEqual([]);
      expect(await commands()).toHaveLength(2);
    });

    it('says so where the instance has gone past them', async () => {
      await record(store, 'parcels.parcel-a', registered, scanned('Köln'), scanned('Bonn'));
      const [first, second, third] = await wholeLog(store);
      await take(consumerOf(ParcelDelivery), [first!, third!]);
      expect(await take(consumerOf(ParcelDelivery), [second!], true)).toMatchObject([
        { key: 'a', event: second, error: { name: 'GonePast' } },
      ]);
      expect(await bodyOf('a')).toMatchObject({ fields: { seen: ['Bonn'] } });
    });
  });

  describe('with an outbox that has left', () => {
    const takeAt = (consumer: ProcessConsumer, events: readonly RecordedEvent[], passed: bigint | undefined) =>
      consumer.take(keyed(consumer, events), { late: false, passed });
    const streams = async () => (await commands()).map(({ streamId }) => streamId);

    it('never has it leave again behind its checkpoint, though the streams of the commands are gone', async () => {
      await record(store, 'parcels.parcel-a', registered);
      await takeAt(consumerOf(ParcelDelivery), await wholeLog(store), 0n);
      for (const stream of await streams()) await store.deleteStream(stream, { expected: 'any' });
      const { position } = await record(store, 'parcels.parcel-a', scanned('Köln'));
      const log = (await wholeLog(store)).filter((each) => each.position === position);
      await takeAt(consumerOf(ParcelDelivery), log, position - 1n); // another owner, which has seen nothing leave
      expect((await commands()).map(({ data }) => data.what)).toEqual(['in Köln']);
      expect((await bodyOf('a'))!.outbox).toHaveLength(1);
    });

    it('has it leave where the checkpoint is not past it, and where events are taken again behind it', async () => {
      for (const passed of [0n, undefined]) {
        store = new MemoryEventStore();
        instances = await new MemoryDocumentStore().collection('instances');
        await record(store, 'parcels.parcel-a', registered);
        const { around } = mortal(dyingAt(2, 'before')); // get, put, and then the first command
        const log = await wholeLog(store);
        await expect(takeAt(consumerOf(ParcelDelivery, around), log, 0n)).rejects.toThrow('gone');
        await takeAt(consumerOf(ParcelDelivery), log, passed);
        expect(await streams()).toHaveLength(2);
      }
    });
  });

  it('moves no instance of which a tombstone is all that is left: it has ended', async () => {
    await record(store, 'parcels.parcel-a', registered);
    await instances.put([{ key: 'a', version: 0n, body: undefined }]);
    expect(await take(consumerOf(ParcelDelivery), await wholeLog(store))).toEqual([]);
    expect(await take(consumerOf(ParcelDelivery), await wholeLog(store), true)).toEqual([]);
    expect(await bodyOf('a')).toBeUndefined();
    expect(await commands()).toEqual([]);
  });
});
