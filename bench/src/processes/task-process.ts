/** Runs one task in a process that holds nothing else; see {@link runTask}. */
import type { Order, Report, TaskModule } from './task.js';

const memoryAtStart = process.memoryUsage.rss();

function send(report: Report): Promise<void> {
  return new Promise((resolve) => process.send!(report, () => resolve()));
}

async function follow({ module, input }: Order): Promise<void> {
  try {
    const task = (await import(module)) as TaskModule<unknown, unknown>;
    const tell = (news: unknown) => void send({ kind: 'told', news });
    await send({ kind: 'done', result: await task.run(input, { tell, memoryAtStart }) });
  } catch (error) {
    await send({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
  process.disconnect();
}

process.once('message', (order) => void follow(order as Order));
// Done, or whoever wanted the result is gone.
process.once('disconnect', () => process.exit());
