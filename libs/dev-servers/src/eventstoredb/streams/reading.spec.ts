import {
  EventStoreDBClient,
  jsonEvent,
  StreamNotFoundError,
  type ReadRevision,
  type ReadStreamOptions,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import services from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { credentials, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';
import { streamIdentifier } from '../server/stream-identifier.js';

describe('reading a stream', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;

  beforeAll(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
    await client.appendToStream('other', jsonEvent({ type: 'x', data: {} }));
    const numbered = Array.from({ length: 10 }, (_, n) => jsonEvent({ type: 'numbered', data: { n } }));
    await client.appendToStream('ten', numbered);
  });
  afterAll(async () => {
    await client.dispose();
    await server.stop();
  });

  async function revisions(options?: ReadStreamOptions, stream = 'ten'): Promise<number[]> {
    const events = await Array.fromAsync(client.readStream(stream, options));
    return events.map(({ event }) => Number(event!.revision));
  }

  it.each<[string, ReadRevision | undefined, ReadStreamOptions['direction'], number | undefined, number[]]>([
    ['everything', undefined, 'forwards', undefined, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]],
    ['from a revision on', 7n, 'forwards', undefined, [7, 8, 9]],
    ['no more than asked for', 2n, 'forwards', 3, [2, 3, 4]],
    ['nothing behind the end', 10n, 'forwards', undefined, []],
    ['backwards from the end', 'end', 'backwards', 3, [9, 8, 7]],
    ['backwards from a revision', 2n, 'backwards', undefined, [2, 1, 0]],
    ['backwards from the start', 'start', 'backwards', undefined, [0]],
    ['backwards from behind the end', 100n, 'backwards', 2, [9, 8]],
    ['the last one', 'end', 'backwards', 1, [9]],
    ['nothing at the largest revision there is', 2n ** 63n - 1n, 'forwards', undefined, []],
    ['backwards from 2^64-1, which is the end', 2n ** 64n - 1n, 'backwards', 2, [9, 8]],
  ])('gives %s', async (_, fromRevision, direction, maxCount, expected) => {
    expect(await revisions({ fromRevision, direction, maxCount })).toEqual(expected);
  });

  it.each<[string, ReadStreamOptions]>([
    ['from the end on', { fromRevision: 'end' }],
    ['from 2^64-1 on, which is the end', { fromRevision: 2n ** 64n - 1n }],
    ['from a revision that has no sign', { fromRevision: 2n ** 63n }],
    ['no event at all', { maxCount: 0 }],
    ['no event at all, backwards', { maxCount: 0, fromRevision: 'end', direction: 'backwards' }],
  ])('fails %s', async (_, options) => {
    await expect(revisions(options)).rejects.toMatchObject({ code: status.UNKNOWN });
  });

  it('gives the position of each event, growing with them', async () => {
    const events = await Array.fromAsync(client.readStream('ten'));
    const positions = events.map(({ event }) => event!.position!);
    expect(positions.every(({ commit, prepare }) => commit === prepare && commit > 0n)).toBe(true);
    expect(positions.map(({ commit }) => commit)).toEqual(
      positions.map(({ commit }) => commit).toSorted((a, b) => (a < b ? -1 : 1)),
    );
    expect(events[0]!.commitPosition).toBe(positions[0]!.commit);
  });

  it('goes through streams longer than a page', async () => {
    const many = Array.from({ length: 1_300 }, (_, n) => jsonEvent({ type: 'x', data: { n, text: 'x'.repeat(500) } }));
    for (let start = 0; start < many.length; start += 650)
      await client.appendToStream('long', many.slice(start, start + 650));
    const upwards = [...many.keys()];
    expect(await revisions({}, 'long')).toEqual(upwards);
    expect(await revisions({ direction: 'backwards', fromRevision: 'end' }, 'long')).toEqual(upwards.toReversed());
  });

  it('says that a stream is not there', async () => {
    for (const direction of ['forwards', 'backwards'] as const) {
      const error = await revisions({ direction }, 'missing').catch((error: unknown) => error);
      expect(error).toBeInstanceOf(StreamNotFoundError);
      expect(error).toMatchObject({ streamName: 'missing' });
    }
  });

  describe('by other clients', () => {
    let raw: InstanceType<typeof services.StreamsClient>;
    beforeAll(() => {
      raw = new services.StreamsClient(`127.0.0.1:${server.port}`, credentials.createInsecure());
    });
    afterAll(() => raw.close());

    function request() {
      const options = new streams.ReadReq.Options();
      options.setNoFilter(new shared.Empty());
      options.setCount('2');
      const stream = new streams.ReadReq.Options.StreamOptions();
      stream.setStreamIdentifier(streamIdentifier('ten'));
      stream.setStart(new shared.Empty());
      options.setStream(stream);
      return options;
    }
    function responses(options: InstanceType<typeof streams.ReadReq.Options> | undefined): Promise<ReadResp[]> {
      const read = new streams.ReadReq();
      if (options) read.setOptions(options);
      return Array.fromAsync(raw.read(read) as AsyncIterable<ReadResp>);
    }

    it('tells the last revision to those who know that message', async () => {
      const options = request();
      const control = new streams.ReadReq.Options.ControlOption();
      control.setCompatibility(1);
      options.setControlOption(control);
      const answer = await responses(options);
      expect(answer.at(-1)!.getLastStreamPosition()).toBe('9');
      expect(answer).toHaveLength(3);
    });

    it('tells the end of the log to those who know that message', async () => {
      const options = request();
      const all = new streams.ReadReq.Options.AllOptions();
      all.setStart(new shared.Empty());
      options.setAll(all);
      const control = new streams.ReadReq.Options.ControlOption();
      control.setCompatibility(1);
      options.setControlOption(control);
      const answer = await responses(options);
      expect(Number(answer.at(-1)!.getLastAllStreamPosition()!.getCommitPosition())).toBeGreaterThan(0);
    });

    it('refuses what it cannot understand', async () => {
      await expect(responses(undefined)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
      const nowhere = request();
      nowhere.clearStream();
      await expect(responses(nowhere)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
      const nameless = request();
      nameless.getStream()!.clearStreamIdentifier();
      await expect(responses(nameless)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
      const backwards = request();
      backwards.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
      backwards.setReadDirection(streams.ReadReq.Options.ReadDirection.BACKWARDS);
      await expect(responses(backwards)).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    });
  });
});
