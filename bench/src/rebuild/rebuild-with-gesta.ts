import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { orderIdOf } from '../domain/sample-events.js';
import { openGesta } from '../ours/open-gesta.js';
import { peakMemory } from '../processes/peak-memory.js';
import type { TaskContext } from '../processes/task.js';
import type { Rebuilt, ToRebuild } from './rebuilt.js';

const LONGEST_MS = 3_600_000;

/** Rebuilds the read model as an application does today: its projection catches up from the beginning of the log. */
export async function run({ path, orders }: ToRebuild, { memoryAtStart }: TaskContext): Promise<Rebuilt> {
  const { gesta, documents, events, close } = await openGesta(path);
  const readModel = gesta.readModel<OrderSummary>(OrderSummaries);
  const { position } = await events.head();

  const [start, cpu] = [performance.now(), process.cpuUsage()];
  gesta.start();
  await readModel.waitFor(position, { timeoutMs: LONGEST_MS });
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);

  const memory = peakMemory() - memoryAtStart;
  await gesta.stop();
  const last = await readModel.findById(orderIdOf(orders - 1));
  // Nothing is left, so that the next time begins at the beginning again.
  for (const collection of await documents.collections()) await documents.drop(collection);
  await close();
  return { milliseconds, cpuMilliseconds: (user + system) / 1_000, memory, last };
}
