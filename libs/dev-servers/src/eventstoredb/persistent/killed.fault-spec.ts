import { EventStoreDBClient } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allOf } from '../../../test/all-of.js';
import { CommandProcess } from '../../../test/command-process.js';
import { appendNumbers, fromStart, numberOf, TestConsumer, type Received } from '../../../test/esdb-consumer.js';
import { until } from '../../../../core/test/until.js';

const EVENTS = 300;
const numbers = Array.from({ length: EVENTS }, (_, n) => n);
const isPoison = (n: number) => n % 10 === 3;
const isForgotten = (n: number) => n > 100 && n % 20 === 7;

describe('A server that is killed while a group is consumed', () => {
  let folder: string;
  let server: CommandProcess | undefined;
  let client: EventStoreDBClient | undefined;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'esdb-killed-'));
  });
  afterEach(async () => {
    await client?.dispose();
    await server?.end('SIGKILL');
    await rm(folder, { recursive: true });
  });

  async function restart(): Promise<EventStoreDBClient> {
    await client?.dispose();
    server = CommandProcess.start('--eventstoredb', '0', '--data', folder);
    return (client = EventStoreDBClient.connectionString(await server.url('EventStoreDB')));
  }

  it('loses no message: each was answered, or is parked, or is delivered again', async () => {
    const answered = new Set<number>();
    let connection = await restart();
    await appendNumbers(connection, 'orders-1', EVENTS);
    await connection.createPersistentSubscriptionToStream(
      'orders-1',
      'shipping',
      fromStart({ checkPointUpperBound: 3 }),
    );
    const consume = (answer: (message: Received, consumer: TestConsumer) => unknown) =>
      new TestConsumer(connection.subscribeToPersistentSubscriptionToStream('orders-1', 'shipping'), answer);

    for (const killAfter of [40, 120]) {
      let received = 0;
      consume((message, consumer) => {
        const n = numberOf(message);
        if (++received === killAfter) void server!.end('SIGKILL');
        if (isForgotten(n)) return undefined;
        if (isPoison(n)) return consumer.nack('park', message).catch(() => {});
        return consumer.ack(message).then(
          () => answered.add(n),
          () => {},
        );
      });
      await until('it is killed', () => received >= killAfter, 8_000);
      await server!.ended;
      connection = await restart();
    }

    const delivered = new Set<number>();
    consume((message, consumer) => {
      const n = numberOf(message);
      delivered.add(n);
      return isPoison(n) ? consumer.nack('park', message) : consumer.ack(message);
    });
    await until('all is settled', async () => {
      const { stats } = await connection.getPersistentSubscriptionToStreamInfo('orders-1', 'shipping');
      return stats.lastCheckpointedEventRevision === BigInt(EVENTS - 1);
    });
    const parked = await allOf(
      connection.readStream('$persistentsubscription-orders-1::shipping-parked', { resolveLinkTos: true }),
    );
    const isParked = new Set(parked.map((link) => numberOf(link as Received)));
    expect(numbers.filter((n) => isPoison(n) && !isParked.has(n))).toEqual([]);
    expect(numbers.filter((n) => isForgotten(n) && !delivered.has(n))).toEqual([]);
    expect(numbers.filter((n) => !isPoison(n) && !answered.has(n) && !delivered.has(n))).toEqual([]);
  }, 30_000);
});
