import { beforeEach, describe, expect, it } from '@jest/globals';
import { documentsThrough } from '../../test/fallible-stores.js';
import { record, wholeLog } from '../../test/log.js';
import { ParcelScanned } from '../../test/parcels.js';
import { event } from '../events/domain-event.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { DeadLetters, NoSuchDeadLetter } from './dead-letters.js';
import { Parking } from './parking.js';

const KEYS = Array.from({ length: 1_201 }, (_, index) => `key-${index}`);

describe('DeadLetters', () => {
  let documents: MemoryDocumentStore;
  let letters: DeadLetters;
  let happened: RecordedEvent;

  beforeEach(async () => {
    documents = new MemoryDocumentStore();
    letters = await DeadLetters.open(documents);
    const events = new MemoryEventStore();
    await record(events, 'parcels.parcel-a', event(ParcelScanned, { hub: 'nowhere' }));
    [happened] = (await wholeLog(events)) as [RecordedEvent];
  });

  const park = (...keys: string[]) => {
    const unfit = keys.map((key) => ({ key, event: happened, error: new Error(`No ${key}`), attempts: 3 }));
    return letters.park('reader', 'key', unfit, undefined);
  };

  const requestedOf = async (reader: string) => (await Array.fromAsync(letters.requested(reader))).flat();

  it('holds as many as there are, and takes what is asked for all of them together', async () => {
    const parked = await park(...KEYS);
    expect(parked.map(({ key }) => key)).toEqual(KEYS);
    expect(await letters.count('reader')).toBe(KEYS.length);
    expect(await requestedOf('reader')).toEqual([]);

    await letters.retry(parked.map(({ id }) => id));
    expect(await requestedOf('reader')).toHaveLength(KEYS.length);
    expect(new Set((await letters.list()).map(({ key }) => key))).toEqual(new Set(KEYS));
    await letters.remove(parked.slice(1).map(({ id }) => id));
    expect(await letters.list()).toMatchObject([{ key: 'key-0', requested: 'retry', error: { message: 'No key-0' } }]);
  });

  it('gives them in portions, and meets each that stays once while others go', async () => {
    const parked = await park(...KEYS);
    const met: string[] = [];
    let largest = 0;
    for await (const page of letters.pages({ reader: 'reader' })) {
      if (met.length === 0) await letters.remove(page.map(({ id }) => id));
      met.push(...page.map(({ id }) => id));
      largest = Math.max(largest, page.length);
    }
    expect(largest).toBeLessThan(KEYS.length / 2);
    expect(new Set(met)).toEqual(new Set(parked.map(({ id }) => id)));
    expect(met).toHaveLength(KEYS.length);
    expect(await letters.list({ limit: 3, after: met.at(-3)! })).toMatchObject([
      { id: met.at(-2) },
      { id: met.at(-1) },
    ]);
    expect(await letters.list({ limit: 0 })).toEqual([]);
  });

  it('counts them at some of the looks for requests only, where they are many', async () => {
    await park(...KEYS);
    const calls: string[] = [];
    const watched = documentsThrough((call, work) => {
      calls.push(call);
      return work();
    }, documents);
    const parking = new Parking('reader', await DeadLetters.open(watched), () => undefined);
    await parking.open(1n);
    calls.length = 0;
    for (let look = 0; look < 4; look++) expect(await parking.requests()).toEqual([]);
    expect(calls.filter((call) => call === 'count gesta.dead-letters')).toHaveLength(2);
    await letters.retry((await letters.list({ limit: 1 }))[0]!.id);
    expect(await parking.requests()).toHaveLength(1);
  });

  it('does not look at all of them where others are parked while it looks for requests', async () => {
    await park(...KEYS.slice(0, 10));
    const calls: string[] = [];
    let others = 0;
    const watched = documentsThrough(async (call, work) => {
      calls.push(call);
      if (call === 'count gesta.dead-letters') {
        const unfit = { key: `other-${others++}`, event: happened, error: new Error('No'), attempts: 3 };
        await parking.parkKeys([unfit], [happened], undefined);
      }
      return work();
    }, documents);
    const parking: Parking = new Parking('reader', await DeadLetters.open(watched), () => undefined);
    await parking.open(1n);
    for (let look = 0; look < 5; look++) {
      calls.length = 0;
      await parking.requests();
      expect(others).toBe(look + 1);
      expect(calls.filter((call) => call === 'find gesta.dead-letters')).toHaveLength(1);
    }
  });

  it('tells only those of the reader', async () => {
    const [letter] = await park('a');
    await letters.skip(letter!.id);
    expect(await letters.count('another')).toBe(0);
    expect(await requestedOf('another')).toEqual([]);
    expect(await requestedOf('reader')).toMatchObject([{ key: 'a', requested: 'skip' }]);
  });

  it('asks for all that there are, and names those that there are not', async () => {
    const [one, other] = (await park('one', 'other')).map(({ id }) => id) as [string, string];
    const asking = letters.retry([one, 'nothing', other, 'nobody']);
    await expect(asking).rejects.toThrow(NoSuchDeadLetter);
    await expect(asking).rejects.toThrow('There is no dead letter nothing, nobody');
    expect(await requestedOf('reader')).toHaveLength(2);
    expect([...(await letters.getAll([one, 'nothing'])).keys()]).toEqual([one]);
  });

  it('loses none of several changes that are made at once', async () => {
    const ids = (await park(...KEYS.slice(0, 10))).map(({ id }) => id);
    let isFirst = true;
    // Somebody else is faster with some of them.
    const slow = documentsThrough(async (call, work) => {
      const answer = await work();
      if (call.startsWith('get') && isFirst) {
        isFirst = false;
        await letters.moveOn(ids.slice(0, 3), 7n, 'here');
        await letters.remove(ids[9]!);
      }
      return answer;
    }, documents);
    await expect((await DeadLetters.open(slow)).skip(ids)).rejects.toThrow(`There is no dead letter ${ids[9]}`);
    const found = await letters.getAll(ids);
    expect(ids.map((id) => found.get(id)?.position)).toEqual([...Array(3).fill('7'), ...Array(6).fill('1'), undefined]);
    // Of those that have moved on, the event itself was taken: it is too late to leave it out.
    const asked = [...Array(3).fill('retry'), ...Array(6).fill('skip'), undefined];
    expect(ids.map((id) => found.get(id)?.requested)).toEqual(asked);
    expect(found.get(ids[0]!)?.checkpoint).toBe('here');
  });

  it('adds the attempts up when something is parked again', async () => {
    await park('a');
    await letters.retry((await letters.list())[0]!.id);
    expect(await park('a', 'b')).toMatchObject([
      { key: 'a', attempts: 6 },
      { key: 'b', attempts: 3 },
    ]);
    expect(await requestedOf('reader')).toEqual([]);
  });

  describe('asked for what an operator has seen', () => {
    let next: RecordedEvent;

    beforeEach(() => {
      next = { ...happened, id: 'another', position: 9n };
    });
    const parkAnew = () =>
      letters.park('reader', 'key', [{ key: 'a', event: next, error: new Error('No'), attempts: 1 }], undefined);

    it.each(['retry', 'skip'] as const)('do not %s another event of the key, and say so', async (requested) => {
      const [seen] = await park('a');
      const [other] = await park('b');
      await parkAnew();
      const asking = letters[requested]([seen!, other!]);
      await expect(asking).rejects.toThrow(NoSuchDeadLetter);
      await expect(asking).rejects.toThrow(`Another event is parked by now under ${seen!.id}`);
      expect(await requestedOf('reader')).toMatchObject([{ key: 'b', requested }]);
      await letters[requested]((await letters.get(seen!.id))!);
      expect(await requestedOf('reader')).toHaveLength(2);
    });

    it('do not skip an event that was parked between look and write, where only the id was given', async () => {
      const [seen] = await park('a');
      let looks = 0;
      const slow = documentsThrough(async (call, work) => {
        if (call === 'put gesta.dead-letters' && looks++ === 0) await parkAnew();
        return work();
      }, documents);
      await expect((await DeadLetters.open(slow)).skip(seen!.id)).rejects.toThrow('Another event is parked');
      expect(await requestedOf('reader')).toEqual([]);
    });

    it('do not skip what waits behind an event that was taken meanwhile', async () => {
      const [seen] = await park('a');
      await letters.moveOn(seen!.id, 2n, 'here');
      await letters.skip(seen!);
      expect(await letters.list()).toMatchObject([{ position: '2', requested: 'retry' }]);
    });
  });
});
