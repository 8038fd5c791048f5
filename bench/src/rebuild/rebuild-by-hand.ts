import { PLACED, type LineAdded, type OrderPlaced } from '../domain/order-events.js';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { orderIdOf } from '../domain/sample-events.js';
import { openWith } from '../floor/floor-database.js';
import { FloorDocuments } from '../floor/floor-documents.js';
import { FloorLog } from '../floor/floor-log.js';
import { peakMemory } from '../processes/peak-memory.js';
import type { TaskContext } from '../processes/task.js';
import type { Rebuilt, ToRebuildByHand } from './rebuilt.js';

/** How many documents are stored by one commit. */
const TOGETHER = 5_000;

/** Rebuilds the read model by hand: reads, parses, folds into a map, and stores each document once at the end. */
export async function run(
  { path, orders, settings }: ToRebuildByHand,
  { memoryAtStart }: TaskContext,
): Promise<Rebuilt> {
  const log = new FloorLog(openWith(settings.events, path));
  const documents = new FloorDocuments(openWith(settings.documents, path));
  const fold = new OrderSummaries();

  const [start, cpu] = [performance.now(), process.cpuUsage()];
  const summaries = new Map<string, { version: number; body: OrderSummary }>();
  log.readAll((type, data, stream, position) => {
    const key = stream.slice(stream.indexOf('-') + 1);
    const summary = summaries.get(key);
    const body = type === PLACED ? fold.placed(data as OrderPlaced) : fold.lineAdded(data as LineAdded, summary?.body);
    if (body) summaries.set(key, { version: position, body });
  });
  // In the order of the keys, in which SQLite stores them fastest.
  const found = [...summaries].sort(([one], [other]) => (one < other ? -1 : 1));
  for (let first = 0; first < found.length; first += TOGETHER) {
    documents.together(() => {
      for (const [key, { version, body }] of found.slice(first, first + TOGETHER)) documents.upsert(key, version, body);
    });
  }
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);

  const memory = peakMemory() - memoryAtStart;
  const last = documents.get<OrderSummary>(orderIdOf(orders - 1));
  documents.clear();
  documents.close();
  log.close();
  return { milliseconds, cpuMilliseconds: (user + system) / 1_000, memory, last };
}
