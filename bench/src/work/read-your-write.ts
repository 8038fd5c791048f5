import type { EventToAppend } from '@gesta/core';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { PLACED, type LineAdded, type OrderPlaced } from '../domain/order-events.js';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { orderEventToAppend, orderIdOf, orderStreamOf } from '../domain/sample-events.js';
import { bounded, type Finding } from '../finding.js';
import { openWith, settingsOf } from '../floor/floor-database.js';
import { FloorDocuments } from '../floor/floor-documents.js';
import { FloorLog } from '../floor/floor-log.js';
import { openGesta } from '../ours/open-gesta.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';
import { percentile } from '../statistics.js';

/** How long the system is left alone between two writes, in milliseconds. */
const IDLE_MS = 4;
const ORDERS = 100;
const WARMING_UP = 200;

/** Appends the event at a revision of an order and reads the document that shows it. */
type WriteAndRead = (n: number, revision: number, event: EventToAppend) => Promise<OrderSummary | undefined>;

/**
 * Appends an event, waits until the read model has it, and reads the document, while nothing else goes on. By hand it is
 * an insert, the document's fold and upsert, and a read, one after the other.
 */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const { gesta, events, database, close } = await openGesta(join(folder, 'ours.db'));
  const log = new FloorLog(openWith(settingsOf(database.events), join(folder, 'floor.db')));
  const documents = new FloorDocuments(openWith(settingsOf(database.documents), join(folder, 'floor.db')));
  const readModel = gesta.readModel<OrderSummary>(OrderSummaries);
  const fold = new OrderSummaries();

  const ours: WriteAndRead = async (n, revision, event) => {
    const expected = revision === 0 ? 'no-stream' : revision - 1;
    const { position } = await events.append(orderStreamOf(n), [event], { expected });
    await readModel.waitFor(position);
    return readModel.findById(orderIdOf(n));
  };
  const byHand: WriteAndRead = async (n, revision, event) => {
    const key = orderIdOf(n);
    const position = log.append(orderStreamOf(n), revision, event);
    const before = documents.get<OrderSummary>(key);
    const data: unknown = event.data;
    const after = event.type === PLACED ? fold.placed(data as OrderPlaced) : fold.lineAdded(data as LineAdded, before);
    documents.upsert(key, position, after!);
    return documents.get<OrderSummary>(key);
  };

  gesta.start();
  const writes = quick ? 400 : 1_500;
  const times = { ours: [] as number[], floor: [] as number[] };
  tell(`${writes} writes`);
  for (let write = 0; write < WARMING_UP + writes; write++) {
    const [n, revision] = [write % ORDERS, Math.floor(write / ORDERS)];
    const event = orderEventToAppend(n, revision);
    for (const [side, writeAndRead] of [['ours', ours] as const, ['floor', byHand] as const]) {
      await pause(IDLE_MS);
      const start = performance.now();
      const summary = await writeAndRead(n, revision, event);
      const taken = performance.now() - start;
      if (summary?.lines !== revision) throw new Error(`The write is not in ${JSON.stringify(summary)}`);
      if (write >= WARMING_UP) times[side].push(taken);
    }
  }
  await gesta.stop();
  documents.close();
  log.close();
  await close();

  const work = 'append until the read model shows it, idle system';
  return [
    bounded(`${work}: p50`, 'ms', percentile(times.ours, 0.5), percentile(times.floor, 0.5), 2),
    bounded(`${work}: p99`, 'ms', percentile(times.ours, 0.99), percentile(times.floor, 0.99), 10),
  ];
}
