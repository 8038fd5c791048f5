import {
  EventStoreDBClient,
  jsonEvent,
  StreamDeletedError,
  streamNameFilter,
  type StreamSubscription,
  type SubscribeToStreamOptions,
} from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('subscribing to a stream', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterAll(async () => {
    await client.dispose();
    await server.stop();
  });

  const append = (stream: string, count = 1) =>
    client.appendToStream(
      stream,
      Array.from({ length: count }, (_, n) => jsonEvent({ type: 'x', data: { n } })),
    );

  /** Takes so many events, then leaves. */
  async function take(subscription: StreamSubscription, count: number): Promise<number[]> {
    const revisions: number[] = [];
    await new Promise<void>((resolve, reject) => {
      subscription.on('error', reject);
      subscription.on('data', ({ event }) => {
        if (revisions.push(Number(event!.revision)) === count) resolve();
      });
    });
    await subscription.unsubscribe();
    return revisions;
  }

  it.each<[string, SubscribeToStreamOptions['fromRevision'], number[]]>([
    ['all there is and all that comes', 'start', [0, 1, 2, 3, 4]],
    ['what stands behind a revision', 1n, [2, 3, 4]],
    ['only what comes', 'end', [3, 4]],
  ])('gives %s', async (_, fromRevision, expected) => {
    const stream = `from-${fromRevision}`;
    await append(stream, 3);
    const subscription = client.subscribeToStream(stream, { fromRevision });
    const taken = take(subscription, expected.length);
    await once(subscription, 'caughtUp');
    await append(stream, 2);
    expect(await taken).toEqual(expected);
  });

  it('is confirmed with an id', async () => {
    const subscription = client.subscribeToStream('confirmed');
    subscription.resume();
    await once(subscription, 'confirmation');
    expect((subscription as unknown as { id: string }).id).toMatch(/^[0-9a-f-]{36}$/);
    await subscription.unsubscribe();
  });

  it('waits for a stream that is not there yet', async () => {
    const subscription = client.subscribeToStream('later');
    const taken = take(subscription, 2);
    await once(subscription, 'caughtUp');
    await append('later', 2);
    expect(await taken).toEqual([0, 1]);
  });

  it('waits at a revision that is not there yet', async () => {
    await append('ahead', 1);
    const subscription = client.subscribeToStream('ahead', { fromRevision: 2n });
    const taken = take(subscription, 1);
    await once(subscription, 'caughtUp');
    await append('ahead', 3);
    expect(await taken).toEqual([3]);
  });

  it('goes on when the stream was deleted and begun again', async () => {
    await append('renewed', 2);
    const subscription = client.subscribeToStream('renewed', { fromRevision: 'end' });
    const taken = take(subscription, 1);
    await once(subscription, 'caughtUp');
    await client.deleteStream('renewed');
    await append('renewed');
    expect(await taken).toEqual([2]);
  });

  it('fails when the stream has a tombstone, or gets one', async () => {
    await append('ended');
    const subscription = client.subscribeToStream('ended');
    const types: string[] = [];
    subscription.on('data', ({ event }) => types.push(event!.type));
    await once(subscription, 'caughtUp');
    const failed = once(subscription, 'error');
    await client.tombstoneStream('ended');
    const second = client.subscribeToStream('ended').resume();
    let confirmed = false;
    second.on('confirmation', () => (confirmed = true));
    const late = once(second, 'error');
    for (const [error] of await Promise.all([failed, late])) {
      expect(error).toBeInstanceOf(StreamDeletedError);
      expect(error).toMatchObject({ streamName: 'ended' });
    }
    expect(confirmed).toBe(false);
    expect(types).toEqual(['x', '$streamDeleted']);
  });

  it('is told of every event that comes, also of those that readers do not see', async () => {
    await append('short', 3);
    await client.setStreamMetadata('short', { maxCount: 1 });
    const subscription = client.subscribeToStream('short');
    const taken = take(subscription, 5);
    await once(subscription, 'caughtUp');
    await append('short', 3);
    await client.setStreamMetadata('short', { truncateBefore: 100 });
    await append('short');
    expect(await taken).toEqual([2, 3, 4, 5, 6]);
  });

  it.each(['stream', '$all', 'a filtered $all'])(
    'says that a subscriber of %s fell behind, and caught up again',
    async (what) => {
      const stream = `slow-${what}`;
      const subscription =
        what === 'stream'
          ? client.subscribeToStream(stream)
          : client.subscribeToAll({ filter: what === '$all' ? undefined : streamNameFilter({ prefixes: ['slow'] }) });
      subscription.resume();
      await once(subscription, 'caughtUp');
      subscription.pause();
      const large = Array.from({ length: 100 }, () => jsonEvent({ type: 'x', data: { text: 'x'.repeat(8_000) } }));
      for (let n = 0; n < 6; n++)
        await client.appendToStream(
          stream,
          large.map((event) => ({ ...event, id: randomUUID() })),
        );
      const said = [once(subscription, 'fellBehind'), once(subscription, 'caughtUp')];
      subscription.resume();
      await Promise.all(said);
      await subscription.unsubscribe();
    },
  );

  it('has every event once and in order while others append', async () => {
    const subscriptions = Array.from({ length: 5 }, () => client.subscribeToStream('busy'));
    const taken = subscriptions.map((subscription) => take(subscription, 1_000));
    for (let n = 0; n < 20; n++) await Promise.all(Array.from({ length: 10 }, () => append('busy', 5)));
    for (const revisions of await Promise.all(taken)) expect(revisions).toEqual([...Array(1_000).keys()]);
  });
});
