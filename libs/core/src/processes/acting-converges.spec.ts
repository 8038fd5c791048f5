import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { collectionThrough, dyingAt, eventsThrough, mortal, type Around } from '../../test/fallible-stores.js';
import { keyed, record, wholeLog } from '../../test/log.js';
import {
  ParcelDelivered,
  ParcelDelivery,
  ParcelErased,
  ParcelRegistered,
  ParcelScanned,
  VanDeparted,
} from '../../test/parcels.js';
import { event, type DomainEvent } from '../events/domain-event.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import type { DocumentCollection } from '../store/document-store.js';
import type { EventStore } from '../store/event-store.js';
import { CommandRefused } from './command-refused.js';
import { DeadlineDue } from './deadline-due.js';
import { ProcessConsumer } from './process-consumer.js';
import { processDefinition } from './process-definition.js';

const PARCELS = ['a', 'b', 'c'];
const definition = processDefinition(ParcelDelivery);

/** Something that may happen, and the stream that it happens in. */
const happening: fc.Arbitrary<{ stream: string; happened: DomainEvent }> = fc.constantFrom(...PARCELS).chain((key) => {
  const ofParcel = (happened: DomainEvent) => ({ stream: `parcels.parcel-${key}`, happened });
  const refused = event(CommandRefused, {
    process: 'parcel-delivery',
    key,
    commandId: 'any',
    command: 'courier.book-courier',
    version: 1,
    data: { parcelId: key, grams: 500 },
    refusal: { name: 'NoCourier', message: 'all are ill' },
  });
  return fc.oneof(
    { arbitrary: fc.constant(ofParcel(event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 }))), weight: 3 },
    { arbitrary: fc.constantFrom('depot', 'Köln').map((hub) => ofParcel(event(ParcelScanned, { hub }))), weight: 5 },
    { arbitrary: fc.constant(ofParcel(event(ParcelDelivered, {}))), weight: 2 },
    { arbitrary: fc.constant(ofParcel(event(ParcelErased, {}))), weight: 1 },
    {
      arbitrary: fc.constant({ stream: 'parcels.van-1', happened: event(VanDeparted, { parcels: [key] }) }),
      weight: 2,
    },
    { arbitrary: fc.constant({ stream: 'gesta.refusal-1', happened: refused }), weight: 2 },
    {
      arbitrary: fc.constant({
        stream: 'gesta.deadline-1',
        happened: event(DeadlineDue, { process: 'parcel-delivery', key, name: 'delivery', due: 3 * 86_400_000 }),
      }),
      weight: 1,
    },
  );
});
const history = fc.array(happening, { minLength: 1, maxLength: 20, size: 'max' });
/** How many events the batches hold, one after the other; the last size goes on. */
const batchSizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 6 });

async function logOf(happenings: readonly { stream: string; happened: DomainEvent }[]): Promise<RecordedEvent[]> {
  const store = new MemoryEventStore({ now: () => new Date(0) });
  for (const { stream, happened } of happenings) await record(store, stream, happened);
  return wholeLog(store);
}

/** What the world has of the process managers: their instances, and the commands that left them. */
interface World {
  readonly instances: DocumentCollection;
  readonly commands: EventStore;
}

async function newWorld(): Promise<World> {
  return { instances: await new MemoryDocumentStore().collection('instances'), commands: new MemoryEventStore() };
}

const through = (around: Around, { instances, commands }: World): World => ({
  instances: collectionThrough(around, instances),
  commands: eventsThrough(around, commands),
});

/** Gives the log to a consumer, from the checkpoint to the end, in batches of the sizes. */
async function act(
  log: readonly RecordedEvent[],
  sizes: readonly number[],
  { instances, commands }: World,
  checkpoint: { at: number } = { at: 0 },
  aroundCheckpoint: Around = (_, work) => work(),
): Promise<void> {
  const consumer = new ProcessConsumer(definition, instances, commands, () => new Date(0));
  for (let batch = 0; checkpoint.at < log.length; batch++) {
    const end = checkpoint.at + sizes[Math.min(batch, sizes.length - 1)]!;
    expect(await consumer.take(keyed(consumer, log.slice(checkpoint.at, end)), { late: false })).toEqual([]);
    await aroundCheckpoint('put gesta.checkpoints', async () => {
      checkpoint.at = Math.max(checkpoint.at, end);
    });
  }
}

/** The states of all instances, and each one's commands in the order in which they are in the log. */
async function seen({ instances, commands }: World) {
  const states = await instances.get(PARCELS);
  const sent = await wholeLog(commands);
  return PARCELS.map((key) => {
    const { version, body } = states.get(key) ?? {};
    const { outbox: _, ...state } = body ?? {}; // what is in it is in the log too, or the next owner sees it off
    return {
      key,
      version,
      state: JSON.stringify(state),
      commands: sent
        .filter(({ headers }) => (headers.replyTo as { key: string }).key === key)
        .map(({ id, type, data, headers }) => JSON.stringify({ id, type, data, headers })),
    };
  });
}

async function undisturbed(log: readonly RecordedEvent[]) {
  const world = await newWorld();
  await act(log, [1], world);
  return seen(world);
}

describe('A process manager', () => {
  it('comes to the same states and commands in whatever batches its events come', async () => {
    await fc.assert(
      fc.asyncProperty(history, batchSizes, async (happenings, sizes) => {
        const log = await logOf(happenings);
        const world = await newWorld();
        await act(log, sizes, world);
        expect(await seen(world)).toEqual(await undisturbed(log));
      }),
      { numRuns: 200 },
    );
  });

  it('comes to the same states, and sends each command once and in order, when it dies at any call, time and again', async () => {
    const death = fc.record({
      call: fc.nat(15),
      when: fc.constantFrom('before' as const, 'after' as const),
      sizes: batchSizes,
    });
    await fc.assert(
      fc.asyncProperty(history, fc.array(death, { maxLength: 6, size: 'max' }), async (happenings, deaths) => {
        const log = await logOf(happenings);
        const world = await newWorld();
        const checkpoint = { at: 0 };
        for (const { call, when, sizes } of deaths) {
          const { around, dead } = mortal(dyingAt(call, when));
          await act(log, sizes, through(around, world), checkpoint, around).catch((error: unknown) => {
            if (!dead()) throw error;
          });
        }
        await act(log, [4], world, checkpoint);
        expect(await seen(world)).toEqual(await undisturbed(log));
      }),
      { numRuns: 300 },
    );
  });

  it('comes to the same when a second owner works beside the first, each at its own speed and mortal', async () => {
    const call = fc.option(fc.nat(20));
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.tuple(batchSizes, call),
        fc.tuple(batchSizes, call),
        fc.scheduler(),
        async (happenings, one, other, scheduler) => {
          const log = await logOf(happenings);
          const world = await newWorld();
          const checkpoint = { at: 0 };
          const owner = async (name: string, [sizes, diesAt]: [number[], number | null]) => {
            const { around, dead } = mortal(diesAt === null ? () => undefined : dyingAt(diesAt, 'after'));
            // Both what the store does and when its answer arrives may be late.
            const slowed: Around = async (what, work) => {
              await scheduler.schedule(Promise.resolve(), `${name}: ${what}`);
              const answer = await around(what, work);
              await scheduler.schedule(Promise.resolve(), `${name} hears of ${what}`);
              return answer;
            };
            const own = { at: 0 };
            const save: Around = async (what, work) => {
              const answer = await slowed(what, work);
              checkpoint.at = Math.max(checkpoint.at, own.at);
              return answer;
            };
            await act(log, sizes, through(slowed, world), own, save).catch((error: unknown) => {
              if (!dead()) throw error;
            });
          };
          await scheduler.waitFor(Promise.all([owner('one', one), owner('the other', other)]));
          await act(log, [3], world, checkpoint); // whoever owns it next, from where the checkpoint is
          expect(await seen(world)).toEqual(await undisturbed(log));
        },
      ),
      { numRuns: 200 },
    );
  });
});
