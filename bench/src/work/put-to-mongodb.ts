import type { StoredDocument } from '@gesta/core';
import { Long, MongoClient } from 'mongodb';
import { alternate } from '../alternate.js';
import { OrderSummaries } from '../domain/order-summaries.js';
import type { OrderPlaced } from '../domain/order-events.js';
import { orderEvent, orderIdOf } from '../domain/sample-events.js';
import { informative, type Finding } from '../finding.js';
import { openMongoDB } from '../ours/open-on-servers.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';
import { startMongoDBFor, withOwnDatabase } from '../servers/start-server.js';

const TOGETHER = 1_000;

/** New documents by the thousand: through the store, and by the driver with the same guard. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const batches = quick ? 5 : 20;
  const server = await startMongoDBFor(folder);
  const [oursUrl, floorUrl] = [withOwnDatabase(server.url), withOwnDatabase(server.url)];
  const store = await openMongoDB(oursUrl);
  const ours = await store.collection('summaries');
  const client = await MongoClient.connect(floorUrl);
  const floor = client.db().collection<FloorDocument>('summaries');
  let [oursNext, floorNext] = [0, 0];

  const found = await alternate(
    quick ? 3 : 9,
    () =>
      timed(batches, async () => {
        const refused = await ours.put(Array.from({ length: TOGETHER }, () => documentOf(oursNext++)));
        if (refused.length > 0) throw new Error(`${refused.length} documents were refused`);
      }),
    () =>
      timed(batches, async () => {
        const documents = Array.from({ length: TOGETHER }, () => documentOf(floorNext++));
        await floor.bulkWrite(documents.map(guarded), { ordered: false });
      }),
    tell,
  );
  await store.drop('summaries');
  await store.close();
  await client.db().dropDatabase();
  await client.close();
  await server.stop();
  return [informative('MongoDB: documents put, 1,000 at once', 'documents/s', found.ours, found.floor)];
}

interface FloorDocument {
  readonly _id: string;
  readonly version: Long;
}

async function timed(batches: number, put: () => Promise<void>): Promise<number> {
  const start = performance.now();
  for (let batch = 0; batch < batches; batch++) await put();
  return ((batches * TOGETHER) / (performance.now() - start)) * 1_000;
}

const fold = new OrderSummaries();

function documentOf(order: number): StoredDocument {
  const summary = fold.placed(orderEvent(order, 0).data as unknown as OrderPlaced);
  return { key: orderIdOf(order), version: BigInt(order + 1), body: { ...summary } };
}

function guarded({ key, version: position, body }: StoredDocument) {
  const version = Long.fromBigInt(position);
  const replacement = { ...body, version };
  return { replaceOne: { filter: { _id: key, version: { $lt: version } }, replacement, upsert: true } };
}
