import { beforeEach, describe, expect, it } from '@jest/globals';
import { record } from '../../test/log.js';
import { ParcelScanned } from '../../test/parcels.js';
import { event } from '../events/domain-event.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { DeadLetters } from './dead-letters.js';
import { FencedOff, Fences } from './fences.js';
import { Parking } from './parking.js';

const READER = 'tracking';

describe('What a former owner parks, moves on or frees', () => {
  let letters: DeadLetters;
  let events: RecordedEvent[];
  let former: Parking;

  const fails = (index: number) => ({ key: `${index}`, event: events[index]!, error: new Error('no'), attempts: 3 });
  const takeOver = async () => {
    await new Parking(READER, letters, () => undefined).open(2n);
    await fences.raise(READER, 2n, { checkpoint: undefined, position: 0n });
  };
  let fences: Fences;

  beforeEach(async () => {
    const documents = new MemoryDocumentStore();
    const log = new MemoryEventStore();
    await record(log, 'parcels.parcel-a', event(ParcelScanned, { hub: 'Köln' }), event(ParcelScanned, { hub: 'Bonn' }));
    events = [];
    for await (const batch of log.readAll()) events.push(...batch.events);
    letters = await DeadLetters.open(documents);
    fences = await Fences.open(documents);
    former = new Parking(READER, letters, () => undefined);
    await former.open(1n);
    await former.parkKeys([fails(0)], events, undefined);
  });

  it('does not stand: a key and a stream are not parked by it', async () => {
    await takeOver();
    await expect(former.parkKeys([fails(1)], events, undefined)).rejects.toBeInstanceOf(FencedOff);
    const stream = former.parkStream(events[1]!, { error: new Error('no'), attempts: 1 }, undefined);
    await expect(stream).rejects.toBeInstanceOf(FencedOff);
    expect((await letters.list()).map(({ kind, key }) => [kind, key])).toEqual([['key', '0']]);
  });

  it('is still parked where the next owner has it', async () => {
    const [before] = await letters.list();
    await takeOver();
    await expect(former.free([before!])).rejects.toBeInstanceOf(FencedOff);
    await expect(former.moveOn([before!], 2n, undefined)).rejects.toBeInstanceOf(FencedOff);
    expect(await letters.list()).toMatchObject([{ key: '0', position: before!.position, epoch: 2 }]);
  });
});
