import { EventStoreDBClient, jsonEvent, type JSONEventData } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CommandProcess } from '../../../test/command-process.js';

const ROUNDS = 3;
const LANES = 8;

/** One writer with a stream of its own, who appends at the exact revision and repeats what was not answered. */
class Lane {
  readonly stream: string;
  /** The ids of the stream's events, as far as they were acknowledged. */
  readonly ids: string[] = [];
  readonly positions: bigint[] = [];
  #unanswered: JSONEventData[] | undefined;

  constructor(lane: number) {
    this.stream = `lane-${lane}`;
  }

  /** Appends until the server does not answer any more. */
  async run(client: EventStoreDBClient, acknowledged: () => void): Promise<void> {
    for (;;) {
      const count = 1 + (this.ids.length % 3);
      this.#unanswered ??= Array.from({ length: count }, () => jsonEvent({ type: 'x', data: {} }));
      try {
        await this.#append(client, this.#unanswered);
        acknowledged();
      } catch {
        return;
      }
    }
  }

  /** Repeats what was not answered. Whether it was there already makes no difference to the outcome. */
  async repeat(client: EventStoreDBClient): Promise<void> {
    if (this.#unanswered) await this.#append(client, this.#unanswered);
  }

  async #append(client: EventStoreDBClient, events: JSONEventData[]): Promise<void> {
    const expectedRevision = this.ids.length === 0 ? 'no_stream' : BigInt(this.ids.length - 1);
    const { position, nextExpectedRevision } = await client.appendToStream(this.stream, events, { expectedRevision });
    this.ids.push(...events.map(({ id }) => id));
    expect(nextExpectedRevision).toBe(BigInt(this.ids.length - 1));
    this.positions.push(position!.commit);
    this.#unanswered = undefined;
  }
}

describe('a server that is killed under appends', () => {
  let folder: string;
  let server: CommandProcess | undefined;
  let client: EventStoreDBClient | undefined;

  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'gesta-eventstoredb-'))));
  afterEach(async () => {
    await client?.dispose();
    await server?.end('SIGKILL');
    rmSync(folder, { recursive: true });
  });

  async function restart(): Promise<EventStoreDBClient> {
    server = CommandProcess.start('--eventstoredb', '0', '--data', folder);
    return (client = EventStoreDBClient.connectionString(await server.url('EventStoreDB')));
  }

  it('has all that it acknowledged, in order, and takes a repeated append for the first', async () => {
    const lanes = Array.from({ length: LANES }, (_, lane) => new Lane(lane));
    for (let round = 1; round <= ROUNDS; round++) {
      let left = 60 * round;
      const running = await restart();
      await Promise.all(lanes.map((lane) => lane.run(running, () => void (--left === 0 && server!.end('SIGKILL')))));
      await running.dispose();
      const restarted = await restart();
      for (const lane of lanes) await lane.repeat(restarted);
      const all = await Array.fromAsync(restarted.readAll());
      const positions = all.map(({ event }) => event!.position!.commit);
      expect(positions).toEqual(positions.toSorted((a, b) => (a < b ? -1 : 1)));
      for (const { stream, ids, positions } of lanes) {
        const events = await Array.fromAsync(restarted.readStream(stream));
        expect(events.map(({ event }) => event!.id)).toEqual(ids);
        expect(all.filter(({ event }) => event!.streamId === stream).map(({ event }) => event!.id)).toEqual(ids);
        expect(positions.every((position, n) => n === 0 || position > positions[n - 1]!)).toBe(true);
      }
      await restarted.dispose();
      await server!.end();
    }
  }, 30_000);
});
