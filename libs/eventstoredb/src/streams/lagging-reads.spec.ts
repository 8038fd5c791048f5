import { EventStoreDBClient } from '@eventstore/db-client';
import { WrongExpectedRevision } from '@gesta/core';
import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { until } from '../../../core/test/until.js';
import { allOf, anEvent, events, idsOf } from '../../test/events.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

jest.setTimeout(30_000);

describe('on a server whose reads lag behind its writer', () => {
  let server: EventStoreDBServer;
  let one: EventStoreDBEventStore;
  let other: EventStoreDBEventStore;
  let official: EventStoreDBClient;
  let stream: string;

  beforeEach(async () => {
    server = await startEventStoreDB({ readsLagMs: 150 });
    one = await EventStoreDBEventStore.open(server.url);
    other = await EventStoreDBEventStore.open(server.url);
    official = EventStoreDBClient.connectionString(server.url);
    stream = `test-${randomUUID()}`;
  });

  afterEach(async () => {
    await Promise.all([one.close(), other.close(), official.dispose()]);
    await server.stop();
  });

  const begunAgain = async (): Promise<string> => {
    const name = `test-${randomUUID()}`;
    await one.append(name, events(2), { expected: 'no-stream' });
    await one.deleteStream(name, { expected: 1 });
    await one.append(name, events(1), { expected: 'no-stream' });
    return name;
  };
  const outcomes = async (name: string) => {
    const answers = await Promise.allSettled(
      [one, other].map((store) => store.append(name, events(1), { expected: 'no-stream' })),
    );
    return answers.map((answer) => (answer.status === 'fulfilled' ? 'ok' : (answer.reason as Error).name)).sort();
  };
  const ONE_WINS = ['WrongExpectedRevision', 'ok'];

  it('one of two writers begins a stream', async () => {
    for (let n = 0; n < 10; n++) {
      const name = `test-${randomUUID()}`;
      expect(await outcomes(name)).toEqual(ONE_WINS);
      expect(await allOf(one.readStream(name))).toHaveLength(1);
    }
  });

  it('one of two writers begins a deleted stream again', async () => {
    await one.append(stream, events(2), { expected: 'no-stream' });
    await one.deleteStream(stream, { expected: 1 });
    expect(await outcomes(stream)).toEqual(ONE_WINS);
  });

  it.each([
    ['was truncated beyond its end by others', { truncateBefore: 99 }],
    ['was truncated to its end by others', { truncateBefore: 2 }],
    ['has expired', { maxAge: 1 }],
  ] as const)('one of two writers begins a stream that %s, and it is seen', async (_, metadata) => {
    await one.append(stream, events(2), { expected: 'no-stream' });
    await official.setStreamMetadata(stream, metadata);
    const shown = () => allOf(other.readStream(stream));
    await until('nothing is left of it', async () => (await shown()).length === 0, 5_000);
    expect(await outcomes(stream)).toEqual(ONE_WINS);
    expect((await shown()).map(({ revision }) => revision)).toEqual([2]);
  });

  it('reads by whoever was refused show what refused it', async () => {
    await one.append(stream, events(1), { expected: 'no-stream' });
    const [mine] = await Promise.all([
      one.append(stream, events(1), { expected: 0 }),
      other.append(stream, events(1), { expected: 0 }).catch((error: unknown) => {
        expect(error).toBeInstanceOf(WrongExpectedRevision);
      }),
    ]);
    expect(mine.revision).toBe(1);
    expect(await allOf(other.readStream(stream))).toHaveLength(2);
    expect(await allOf(other.readStream(stream, { direction: 'backwards', limit: 1 }))).toMatchObject([
      { revision: 1 },
    ]);
  });

  it('what was acknowledged is read at once, also of a stream that has begun again', async () => {
    const name = await begunAgain();
    expect((await allOf(one.readStream(name))).map(({ revision }) => revision)).toEqual([2]);
    const again = await begunAgain();
    expect(await allOf(one.readStream(again, { direction: 'backwards' }))).toMatchObject([{ revision: 2 }]);
    expect(await one.append(again, [], { expected: 2 })).toMatchObject({ revision: 2 });
    const third = await begunAgain();
    expect(await other.append(third, [], { expected: 'stream-exists' })).toMatchObject({ revision: 2 });
  });

  it('a stream that has just begun again is deleted, and truncated, by whoever says so', async () => {
    for (const store of [one, other]) {
      const deleted = await begunAgain();
      await store.deleteStream(deleted, { expected: 'any' });
      const truncated = await begunAgain();
      await store.truncateStream(truncated, 99);
      const shortened = await begunAgain();
      await one.append(shortened, events(2), { expected: 2 });
      await store.truncateStream(shortened, 4);
      await until('reads show it', async () => (await allOf(other.readStream(shortened))).length === 1, 5_000);
      expect(await allOf(other.readStream(deleted))).toEqual([]);
      expect(await allOf(other.readStream(truncated))).toEqual([]);
    }
  });

  it('deletes, begins again, reads, deletes and truncates without a pause', async () => {
    for (let life = 0; life < 5; life++) {
      const some = events(2);
      await one.append(stream, some, { expected: 'no-stream' });
      expect(idsOf(await allOf(one.readStream(stream)))).toEqual(idsOf(some));
      await one.append(stream, [anEvent()], { expected: 3 * life + 1 });
      if (life % 2 === 0) await one.deleteStream(stream, { expected: 3 * life + 2 });
      else await one.truncateStream(stream, 3 * life + 3);
      expect(await allOf(one.readStream(stream))).toEqual([]);
    }
  });

  it('gives the first answer to a repeat, when it began the stream again', async () => {
    await one.append(stream, events(2), { expected: 'no-stream' });
    await one.deleteStream(stream, { expected: 1 });
    const some = events(2);
    const first = await one.append(stream, some, { expected: 'no-stream' });
    expect(await other.append(stream, some, { expected: 'no-stream' })).toEqual(first);
  });
});
