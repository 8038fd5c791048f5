import {
  EventStoreDBClient,
  eventTypeFilter,
  excludeSystemEvents,
  jsonEvent,
  streamNameFilter,
  type AllStreamSubscription,
  type Filter,
  type Position,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { once } from 'node:events';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('subscribing to $all', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeEach(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
  });
  afterEach(async () => {
    await client.dispose();
    await server.stop();
  });

  const append = async (stream: string, type: string, count = 1): Promise<Position> =>
    (
      await client.appendToStream(
        stream,
        Array.from({ length: count }, () => jsonEvent({ type, data: {} })),
      )
    ).position!;

  /** Takes so many events, then leaves. */
  async function take(subscription: AllStreamSubscription, count: number): Promise<string[]> {
    const taken: string[] = [];
    await new Promise<void>((resolve, reject) => {
      subscription.on('error', reject);
      subscription.on('data', ({ event }) => {
        if (taken.push(`${event!.type}@${event!.streamId}`) === count) resolve();
      });
    });
    await subscription.unsubscribe();
    return taken;
  }

  it('gives all there is and all that comes', async () => {
    await append('a', 'x');
    const subscription = client.subscribeToAll();
    const taken = take(subscription, 3);
    await once(subscription, 'caughtUp');
    await append('b', 'y');
    await client.setStreamMetadata('b', { maxCount: 5 });
    expect(await taken).toEqual(['x@a', 'y@b', '$metadata@$$b']);
  });

  it('begins behind a position, or at the end', async () => {
    await append('a', 'before');
    const position = await append('a', 'at');
    await append('a', 'behind');
    const behind = client.subscribeToAll({ fromPosition: position });
    const atTheEnd = client.subscribeToAll({ fromPosition: 'end' });
    const taken = [take(behind, 2), take(atTheEnd, 1)];
    await Promise.all([once(behind, 'caughtUp'), once(atTheEnd, 'caughtUp')]);
    await append('a', 'new');
    expect(await Promise.all(taken)).toEqual([['behind@a', 'new@a'], ['new@a']]);
  });

  it('is not confirmed where nothing begins, with and without a filter', async () => {
    const { commit } = (await append('a', 'x')) as { commit: bigint };
    await append('a', 'y');
    const fromPosition = { commit: commit + 1n, prepare: commit + 1n };
    for (const filter of [undefined, excludeSystemEvents()]) {
      const subscription = client.subscribeToAll({ fromPosition, filter });
      const confirmed = new Promise((resolve) => subscription.once('confirmation', resolve));
      const failed = new Promise<Error>((resolve) => subscription.once('error', resolve));
      const first = await Promise.race([confirmed.then(() => 'confirmed'), failed.then(({ message }) => message)]);
      expect(first).toContain('Trying to read from an invalid position.');
    }
  });

  it.each<[string, () => Filter, string[]]>([
    [
      'event types by prefix',
      () => eventTypeFilter({ prefixes: ['or', 'no'] }),
      ['order-placed@a-1', 'order-paid@b-1'],
    ],
    ['event types by expression', () => eventTypeFilter({ regex: '^.*-paid$' }), ['order-paid@b-1']],
    ['streams by prefix', () => streamNameFilter({ prefixes: ['b-'] }), ['order-paid@b-1', 'shipped@b-1']],
    [
      'streams by expression',
      () => streamNameFilter({ regex: '-1$' }),
      ['order-placed@a-1', 'order-paid@b-1', 'shipped@b-1'],
    ],
    ['no system events', () => excludeSystemEvents(), ['order-placed@a-1', 'order-paid@b-1', 'shipped@b-1']],
  ])('filters %s, before and after it has caught up', async (_, filter, expected) => {
    const appendAll = async () => {
      await append('a-1', 'order-placed');
      await client.setStreamMetadata('a', { maxCount: 1 });
      await append('b-1', 'order-paid');
      await append('b-1', 'shipped');
    };
    await appendAll();
    const subscription = client.subscribeToAll({ filter: filter() });
    const taken = take(subscription, expected.length * 2);
    await once(subscription, 'caughtUp');
    await appendAll();
    expect(await taken).toEqual([...expected, ...expected]);
  });

  it('sends a checkpoint whenever so many events were looked at', async () => {
    await append('a', 'x', 25);
    const checkpoints: bigint[] = [];
    const third = Promise.withResolvers<void>();
    const positions = async () => (await Array.fromAsync(client.readAll())).map(({ event }) => event!.position!.commit);
    const filter = eventTypeFilter({
      prefixes: ['never'],
      maxSearchWindow: 5,
      checkpointInterval: 2,
      checkpointReached: async (_, { commit }) => {
        if (checkpoints.push(commit) === 3) third.resolve();
      },
    });
    const subscription = client.subscribeToAll({ filter });
    subscription.resume();
    await once(subscription, 'caughtUp');
    const before = await positions();
    expect(checkpoints).toEqual([before[9], before[19]]);
    const last = await append('a', 'x', 10); // the five that were left before count no more
    await third.promise;
    expect(checkpoints[2]).toBe(last.commit);
    await subscription.unsubscribe();
  });

  it('counts the event at the place that is named', async () => {
    await append('a', 'x', 25);
    const positions = (await Array.fromAsync(client.readAll())).map(({ event }) => event!.position!);
    const checkpoints: bigint[] = [];
    const filter = eventTypeFilter({
      prefixes: ['never'],
      maxSearchWindow: 10,
      checkpointReached: async (_, { commit }) => void checkpoints.push(commit),
    });
    const subscription = client.subscribeToAll({ filter, fromPosition: positions[2] });
    subscription.resume();
    await once(subscription, 'caughtUp');
    expect(checkpoints).toEqual([positions[11]!.commit, positions[21]!.commit]);
    await subscription.unsubscribe();
  });

  it('resumes from a checkpoint without loss or duplicate', async () => {
    await append('a', 'x', 10);
    let checkpoint: Position | undefined;
    const filter = eventTypeFilter({
      prefixes: ['y'],
      maxSearchWindow: 10,
      checkpointReached: async (_, at) => void (checkpoint = at),
    });
    const first = client.subscribeToAll({ filter });
    first.resume();
    await once(first, 'caughtUp');
    await first.unsubscribe();
    await append('b', 'y', 2);
    const second = client.subscribeToAll({ filter: eventTypeFilter({ prefixes: ['y'] }), fromPosition: checkpoint });
    expect(await take(second, 2)).toEqual(['y@b', 'y@b']);
  });

  it('has every event of a long log once and in order', async () => {
    for (let n = 0; n < 5; n++) await append(`s-${n}`, 'x', 400);
    const positions: bigint[] = [];
    const subscription = client.subscribeToAll();
    subscription.on('data', ({ event }) => positions.push(event!.position!.commit));
    await once(subscription, 'caughtUp');
    expect(positions).toHaveLength(2_000);
    expect(positions.every((position, n) => n === 0 || position > positions[n - 1]!)).toBe(true);
    await subscription.unsubscribe();
  });

  describe('with the bare protocol', () => {
    function request(change: (filter: InstanceType<typeof streams.ReadReq.Options.FilterOptions>) => void) {
      const options = new streams.ReadReq.Options();
      const all = new streams.ReadReq.Options.AllOptions();
      all.setStart(new shared.Empty());
      options.setAll(all);
      options.setCount('10');
      const filter = new streams.ReadReq.Options.FilterOptions();
      const expression = new streams.ReadReq.Options.FilterOptions.Expression();
      expression.setPrefixList(['x']);
      filter.setEventType(expression);
      filter.setMax(10);
      change(filter);
      options.setFilter(filter);
      const read = new streams.ReadReq();
      read.setOptions(options);
      return read;
    }
    async function responses(read: ReturnType<typeof request>): Promise<ReadResp[]> {
      const raw = new services.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
      try {
        return await Array.fromAsync(raw.read(read) as AsyncIterable<ReadResp>);
      } finally {
        raw.close();
      }
    }

    it('reads with a filter, too', async () => {
      await append('a', 'y', 30);
      await append('a', 'x', 3);
      expect(await responses(request(() => {}))).toHaveLength(3);
      const backwards = request(() => {});
      backwards.getOptions()!.setReadDirection(streams.ReadReq.Options.ReadDirection.BACKWARDS);
      backwards.getOptions()!.getAll()!.setEnd(new shared.Empty());
      expect(await responses(backwards)).toHaveLength(3);
    });

    it.each<[string, Parameters<typeof request>[0]]>([
      ['a filter of nothing', (filter) => filter.clearEventType()],
      ['a window of nothing', (filter) => filter.setMax(0)],
      ['an expression that is none', (filter) => void filter.getEventType()!.setRegex('(')],
    ])('refuses %s', async (_, change) => {
      await expect(responses(request(change))).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    });
  });
});
