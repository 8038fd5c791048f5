import type { DocumentStore, EventStore, Gesta } from '@gesta/core';
import { OrderSummaries, type OrderSummary } from '../domain/order-summaries.js';
import { peakMemory } from '../processes/peak-memory.js';
import type { Rebuilt } from './rebuilt.js';

const LONGEST_MS = 3_600_000;

/** An application with nothing in its read models yet. */
interface Application {
  readonly gesta: Gesta;
  readonly events: EventStore;
  readonly documents: DocumentStore;
  close(): Promise<void>;
}

/**
 * Rebuilds the read model as an application does today: its projection catches up from the beginning of the log.
 * Closes the application, and leaves no documents.
 * @param last the key of the document to be given back
 */
export async function rebuildIn(
  { gesta, events, documents, close }: Application,
  last: string,
  memoryAtStart: number,
): Promise<Rebuilt> {
  const readModel = gesta.readModel<OrderSummary>(OrderSummaries);
  const { position } = await events.head();

  const [start, cpu] = [performance.now(), process.cpuUsage()];
  gesta.start();
  await readModel.waitFor(position, { timeoutMs: LONGEST_MS });
  const milliseconds = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);

  const memory = peakMemory() - memoryAtStart;
  await gesta.stop();
  const found = await readModel.findById(last);
  // Nothing is left, so that the next time begins at the beginning again.
  for (const collection of await documents.collections()) await documents.drop(collection);
  await close();
  return { milliseconds, cpuMilliseconds: (user + system) / 1_000, memory, last: found };
}
