import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { documentsThrough, dyingAt, inBatchesOf, mortal } from '../../test/fallible-stores.js';
import { record, wholeLog } from '../../test/log.js';
import {
  ParcelErased,
  ParcelJournal,
  ParcelRegistered,
  ParcelScanned,
  VanDeparted,
  type Journal,
} from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { Condition, refusing } from '../../test/refusing-store.js';
import { until } from '../../test/until.js';
import { event, type DomainEvent } from '../events/domain-event.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { DeadLetters } from '../readers/dead-letters.js';
import { projectionDefinition } from './projection-definition.js';

const PARCELS = ['a', 'b', 'c'];
/** A journal with more entries than this is too large. */
const MOST = 3;
const definition = projectionDefinition(ParcelJournal, new ParcelJournal());

const happening: fc.Arbitrary<{ stream: string; happened: DomainEvent }> = fc.oneof(
  {
    arbitrary: fc
      .tuple(
        fc.constantFrom(...PARCELS),
        fc.oneof(
          { arbitrary: fc.constant(event(ParcelScanned, { hub: 'Köln' })), weight: 5 },
          { arbitrary: fc.constant(event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 })), weight: 2 },
          { arbitrary: fc.constant(event(ParcelErased, {})), weight: 2 },
        ),
      )
      .map(([parcel, happened]) => ({ stream: `parcels.parcel-${parcel}`, happened })),
    weight: 3,
  },
  {
    arbitrary: fc
      .uniqueArray(fc.constantFrom(...PARCELS), { maxLength: 3 })
      .map((parcels) => ({ stream: 'parcels.van-1', happened: event(VanDeparted, { parcels }) })),
    weight: 1,
  },
);
const history = fc.array(happening, { minLength: 1, maxLength: 25, size: 'max' });

/** A process: how much it reads at once, what its store does at a refusal, and at which of its calls it dies. */
const life = fc.record({
  batchSize: fc.integer({ min: 1, max: 6 }),
  storeGoesOn: fc.boolean(),
  call: fc.nat(25),
  when: fc.constantFrom('before' as const, 'after' as const),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;
const lives = fc.array(life, { maxLength: 3, size: 'max' });

/** What the events make of the key's document; only those before the position, where one is given. */
function folded(log: readonly RecordedEvent[], key: string, before = BigInt(log.length + 1)): Journal | undefined {
  let body: ReturnType<typeof definition.fold>;
  for (const each of log) {
    if (each.position < before && definition.keysOf(each).includes(key)) body = definition.fold(each, body, key);
  }
  return body as Journal | undefined;
}

/** One process after another takes the log: those that die, and then one that does not, to the end. */
async function takeAll({ events, documents }: Stores, rule: Condition, deaths: readonly Life[], last: Life) {
  const head = (await events.head()).position;
  const letters = await DeadLetters.open(documents);
  for (const { batchSize, storeGoesOn, call, when } of [...deaths, { ...last, call: Infinity }]) {
    const { around, dead } = mortal(dyingAt(call, when));
    const process = await ReadingProcess.open(
      {
        events: inBatchesOf(batchSize, events),
        documents: refusing(rule, documentsThrough(around, documents), () => storeGoesOn),
      },
      { leaseMs: 15 },
    );
    const { reader } = await process.project(new ParcelJournal());
    await until('it has died or taken all', async () => {
      if (dead()) return true;
      const asked = (await letters.list()).some(({ requested }) => requested !== undefined);
      return reader.reached.now === head && !asked;
    });
    await process.stop();
    if (!dead()) expect(process.noticed('runner-failed')).toEqual([]);
  }
  return letters;
}

describe('Documents that their store refuses', () => {
  it('are as they were before the events that the letters name, and whole after the fix, however often a process dies', async () => {
    await fc.assert(
      fc.asyncProperty(history, lives, lives, life, async (happenings, deaths, laterDeaths, last) => {
        const stores = { events: new MemoryEventStore(), documents: new MemoryDocumentStore() };
        for (const { stream, happened } of happenings) await record(stores.events, stream, happened);
        const log = await wholeLog(stores.events);
        const rule = new Condition(({ entries }) => ((entries as unknown[] | undefined)?.length ?? 0) > MOST);
        const journals = await stores.documents.collection('parcel-journal');

        const letters = await takeAll(stores, rule, deaths, last);
        const parked = new Map((await letters.list()).map(({ key, position }) => [key, BigInt(position)]));
        const found = await journals.get(PARCELS);
        for (const key of PARCELS) {
          const position = parked.get(key);
          expect(found.get(key)?.body).toEqual(folded(log, key, position));
          if (position !== undefined) expect(folded(log, key, position + 1n)!.entries.length).toBe(MOST + 1);
        }

        rule.refuses = () => false;
        for (const { id } of await letters.list()) await letters.retry(id);
        await takeAll(stores, rule, laterDeaths, last);
        expect(await letters.list()).toEqual([]);
        const whole = await journals.get(PARCELS);
        for (const key of PARCELS) expect(whole.get(key)?.body).toEqual(folded(log, key));
      }),
      { numRuns: 60 },
    );
  });
});
