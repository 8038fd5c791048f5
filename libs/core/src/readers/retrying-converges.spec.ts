import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { documentsThrough, dyingAt, eventsThrough, inBatchesOf, mortal } from '../../test/fallible-stores.js';
import { record, wholeLog } from '../../test/log.js';
import { ParcelErased, ParcelRegistered, ParcelScanned, VanDeparted, type Journal } from '../../test/parcels.js';
import { ReadingProcess, type Stores } from '../../test/reading-process.js';
import { until } from '../../test/until.js';
import { event, type DomainEvent } from '../events/domain-event.js';
import type { EventMetadata, RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import { DeadLetters } from './dead-letters.js';

const PARCELS = ['a', 'b', 'c', 'd'];

/** All that happened to each parcel since it was last erased. It cannot take what is at some positions. */
@Projection({ name: 'parcel-journal' })
class Journals {
  constructor(private readonly poison: ReadonlySet<bigint> = new Set()) {}

  @Project(ParcelRegistered)
  registered(_: ParcelRegistered, before: Journal | undefined, meta: EventMetadata): Journal {
    return this.noted(before, meta);
  }

  @Project(ParcelScanned)
  scanned(_: ParcelScanned, before: Journal | undefined, meta: EventMetadata): Journal {
    return this.noted(before, meta);
  }

  @Project(VanDeparted, (departed) => departed.parcels)
  departed(_: VanDeparted, before: Journal | undefined, meta: EventMetadata): Journal {
    return this.noted(before, meta);
  }

  @Project(ParcelErased)
  erased(_: ParcelErased, before: Journal | undefined, meta: EventMetadata): undefined {
    this.noted(before, meta);
  }

  private noted(before: Journal | undefined, { position, type }: EventMetadata): Journal {
    if (this.poison.has(position)) throw new Error(`It cannot take ${position}`);
    return { entries: [...(before?.entries ?? []), `${position} ${type}`] };
  }
}
const definition = projectionDefinition(Journals, new Journals());

/** Something that happens, and whether it is poison at first, and after the fix. */
interface Happening {
  readonly stream: string;
  readonly happened: DomainEvent;
  readonly poison: { readonly atFirst: boolean; readonly later: boolean };
}
const poison = fc.record({
  atFirst: fc.integer({ min: 0, max: 4 }).map((dice) => dice === 0),
  later: fc.integer({ min: 0, max: 9 }).map((dice) => dice === 0),
});
const ofOne = fc
  .tuple(
    fc.constantFrom(...PARCELS),
    fc.oneof(
      { arbitrary: fc.constant(event(ParcelScanned, { hub: 'Köln' })), weight: 5 },
      { arbitrary: fc.constant(event(ParcelRegistered, { to: { name: 'Ada' }, grams: 500 })), weight: 2 },
      { arbitrary: fc.constant(event(ParcelErased, {})), weight: 1 },
    ),
  )
  .map(([parcel, happened]) => ({ stream: `parcels.parcel-${parcel}`, happened }));
const ofSeveral = fc
  .uniqueArray(fc.constantFrom(...PARCELS), { maxLength: 4 })
  .map((parcels) => ({ stream: 'parcels.van-1', happened: event(VanDeparted, { parcels }) }));
const happening: fc.Arbitrary<Happening> = fc
  .tuple(fc.oneof({ arbitrary: ofOne, weight: 3 }, { arbitrary: ofSeveral, weight: 1 }), poison)
  .map(([what, poisoned]) => ({ ...what, poison: poisoned }));
const history = fc.array(happening, { minLength: 1, maxLength: 30, size: 'max' });
const later = fc.array(happening, { maxLength: 12, size: 'max' });

/** What an operator asks for each key that is parked. */
const asked = fc.record(
  Object.fromEntries(PARCELS.map((key) => [key, fc.constantFrom('retry' as const, 'skip' as const, undefined)])),
);

/** A process: how much it reads at once, and at which of its calls it dies. */
const life = fc.record({
  batchSize: fc.integer({ min: 1, max: 6 }),
  call: fc.nat(40),
  when: fc.constantFrom('before' as const, 'after' as const),
});
type Life = typeof life extends fc.Arbitrary<infer L> ? L : never;
const lives = fc.array(life, { maxLength: 3, size: 'max' });

/** How a key stands: what is left out for good, and where the first event is that waits. */
interface Standing {
  readonly leftOut: ReadonlySet<bigint>;
  readonly waitsFrom: bigint | undefined;
}

/** How a key stands when its events from a position on were taken, up to the first that is poison. */
function standing(
  log: readonly RecordedEvent[],
  key: string,
  poisonous: ReadonlySet<bigint>,
  from = 0n,
  leftOut: ReadonlySet<bigint> = new Set(),
): Standing {
  const first = log.find(
    (each) =>
      each.position >= from &&
      poisonous.has(each.position) &&
      !leftOut.has(each.position) &&
      definition.keysOf(each).includes(key),
  );
  return { leftOut, waitsFrom: first?.position };
}

/** The document of a key that stands so. */
function folded(log: readonly RecordedEvent[], key: string, { leftOut, waitsFrom }: Standing): unknown {
  let body: ReturnType<typeof definition.fold>;
  for (const each of log) {
    if (waitsFrom !== undefined && each.position >= waitsFrom) break;
    if (definition.keysOf(each).includes(key) && !leftOut.has(each.position)) body = definition.fold(each, body, key);
  }
  return body;
}

/** One process after another follows the log: those that die, and then one that does not, until nothing is left to do. */
async function follow(
  { events, documents }: Stores,
  poisonous: ReadonlySet<bigint>,
  processes: readonly Life[],
  meanwhile: () => Promise<void> = async () => undefined,
): Promise<void> {
  const happening = meanwhile();
  const letters = await DeadLetters.open(documents);
  for (const { batchSize, call, when } of processes) {
    const { around, dead } = mortal(dyingAt(call, when));
    const process = await ReadingProcess.open(
      {
        events: inBatchesOf(batchSize, eventsThrough(around, events)),
        documents: documentsThrough(around, documents),
      },
      { leaseMs: 15 },
    );
    const { reader } = await process.project(new Journals(poisonous));
    await until('it has died or done all', async () => {
      if (dead()) return true;
      await happening;
      return reader.reached.now === (await events.head()).position && !(await letters.isAsked('parcel-journal'));
    });
    await process.stop();
    if (!dead()) expect(process.noticed('runner-failed')).toEqual([]);
  }
  await happening;
}

const immortal = (process: Life): Life => ({ ...process, call: Infinity });

describe('Keys that were parked and are asked for', () => {
  it('are taken from where they waited, but for what is left out, however often a process dies and whatever happens meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        history,
        later,
        asked,
        lives,
        lives,
        life,
        async (happenings, laterHappenings, requests, deaths, laterDeaths, last) => {
          const stores = { events: new MemoryEventStore(), documents: new MemoryDocumentStore() };
          const all = [...happenings, ...laterHappenings];
          const poisonous = (phase: keyof Happening['poison']) =>
            new Set(all.flatMap((each, index) => (each.poison[phase] ? [BigInt(index + 1)] : [])));
          const happens = async (these: readonly Happening[]) => {
            for (const { stream, happened } of these) {
              await record(stores.events, stream, happened);
              await nextTurn();
            }
          };
          const letters = await DeadLetters.open(stores.documents);
          const expectTo = async (stand: ReadonlyMap<string, Standing>) => {
            const log = await wholeLog(stores.events);
            const waiting = (await letters.list()).map(({ key, position }) => [key, BigInt(position)]);
            const expected = [...stand].flatMap(([key, { waitsFrom }]) =>
              waitsFrom === undefined ? [] : [[key, waitsFrom]],
            );
            expect(new Map(waiting as [string, bigint][])).toEqual(new Map(expected as [string, bigint][]));
            const found = await (await stores.documents.collection('parcel-journal')).get(PARCELS);
            for (const [key, how] of stand) expect(found.get(key)?.body).toEqual(folded(log, key, how));
          };

          await happens(happenings);
          await follow(stores, poisonous('atFirst'), [...deaths, immortal(last)]);
          const log = await wholeLog(stores.events);
          const before = new Map(PARCELS.map((key) => [key, standing(log, key, poisonous('atFirst'))]));
          await expectTo(before);

          const ids = (what: 'retry' | 'skip') =>
            letters.list().then((list) => list.filter(({ key }) => requests[key] === what).map(({ id }) => id));
          await letters.retry(await ids('retry'));
          await letters.skip(await ids('skip'));
          await follow(stores, poisonous('later'), [...laterDeaths, immortal(last)], () => happens(laterHappenings));
          const longer = await wholeLog(stores.events);
          const after = new Map(
            [...before].map(([key, { waitsFrom }]) => {
              if (waitsFrom === undefined)
                return [key, standing(longer, key, poisonous('later'), BigInt(log.length + 1))];
              const what = requests[key];
              if (what === undefined) return [key, { leftOut: new Set<bigint>(), waitsFrom }];
              const leftOut = new Set(what === 'skip' ? [waitsFrom] : []);
              return [key, standing(longer, key, poisonous('later'), waitsFrom, leftOut)];
            }),
          );
          await expectTo(after);
        },
      ),
      { numRuns: 60 },
    );
  });
});
