import { EventStoreDBClient, jsonEvent, type Position, type ReadAllOptions } from '@eventstore/db-client';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startEventStoreDB, type EventStoreDBServer } from '../start-eventstoredb.js';

describe('reading $all', () => {
  let server: EventStoreDBServer;
  let client: EventStoreDBClient;
  let positions: Position[];

  beforeAll(async () => {
    server = await startEventStoreDB();
    client = EventStoreDBClient.connectionString(server.url);
    for (let n = 0; n < 6; n++) await client.appendToStream(`s-${n % 2}`, jsonEvent({ type: 'x', data: { n } }));
    positions = (await Array.fromAsync(client.readAll())).map(({ event }) => event!.position!);
  });
  afterAll(async () => {
    await client.dispose();
    await server.stop();
  });

  async function numbers(options: ReadAllOptions): Promise<number[]> {
    const events = await Array.fromAsync(client.readAll(options));
    return events.map(({ event }) => (event!.data as { n: number }).n);
  }

  it('gives all events of all streams in the order in which they were appended', async () => {
    expect(await numbers({})).toEqual([0, 1, 2, 3, 4, 5]);
    expect(positions.every(({ commit }, n) => n === 0 || commit > positions[n - 1]!.commit)).toBe(true);
  });

  it('has the event of the position when it goes forwards, and not when it goes backwards', async () => {
    expect(await numbers({ fromPosition: positions[3] })).toEqual([3, 4, 5]);
    expect(await numbers({ fromPosition: positions[3], direction: 'backwards' })).toEqual([2, 1, 0]);
  });

  it('goes backwards from the end, and nowhere from the ends', async () => {
    expect(await numbers({ fromPosition: 'end', direction: 'backwards', maxCount: 2 })).toEqual([5, 4]);
    expect(await numbers({ fromPosition: 'end' })).toEqual([]);
    expect(await numbers({ fromPosition: 'start', direction: 'backwards' })).toEqual([]);
  });

  it('refuses a place where nothing begins, forwards and backwards, and finds nothing behind the end', async () => {
    for (const inside of [positions[2]!.commit + 1n, positions[0]!.commit - 1n]) {
      for (const direction of ['forwards', 'backwards'] as const) {
        await expect(numbers({ fromPosition: { commit: inside, prepare: inside }, direction })).rejects.toMatchObject({
          code: 3,
          message: expect.stringContaining('Trying to read from an invalid position.'),
        });
      }
    }
    expect(await numbers({ fromPosition: { commit: 0n, prepare: 0n } })).toHaveLength(6);
    const behind = positions[5]!.commit + 1_000n;
    expect(await numbers({ fromPosition: { commit: behind, prepare: behind } })).toEqual([]);
  });

  it('gives no more than asked for', async () => {
    expect(await numbers({ maxCount: 4 })).toEqual([0, 1, 2, 3]);
  });

  it('has every event of a log longer than a page', async () => {
    const many = Array.from({ length: 1_500 }, (_, n) => jsonEvent({ type: 'y', data: { n } }));
    await client.appendToStream('many', many);
    expect((await numbers({ fromPosition: positions[5] })).length).toBe(1_501);
  });
});
