import { join } from 'node:path';
import { alternate } from '../alternate.js';
import { Order } from '../domain/order.js';
import { orderEventToAppend, orderIdOf, orderStreamOf } from '../domain/sample-events.js';
import { rates, type Finding } from '../finding.js';
import { openWith, settingsOf } from '../floor/floor-database.js';
import { FloorLog } from '../floor/floor-log.js';
import { openGesta } from '../ours/open-gesta.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';

const EVENTS = 1_000;
const ORDERS = 20;

/** Loads long streams in turns. The floor reads the same columns and parses them; it folds nothing. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const ours = await openGesta(join(folder, 'ours.db'));
  const log = new FloorLog(openWith(settingsOf(ours.database.events), join(folder, 'floor.db')));
  const repository = ours.gesta.repository(Order);
  const milliseconds = quick ? 150 : 400;

  tell('preparing');
  for (let n = 0; n < ORDERS; n++) {
    const events = Array.from({ length: EVENTS }, (_, revision) => orderEventToAppend(n, revision));
    await ours.events.append(orderStreamOf(n), events, { expected: 'no-stream' });
    log.together(() => events.forEach((event, revision) => log.append(orderStreamOf(n), revision, event)));
  }

  const found = await alternate(
    quick ? 7 : 15,
    async () => {
      const start = performance.now();
      let loads = 0;
      for (; performance.now() - start < milliseconds; loads++) {
        const { aggregate } = await repository.load(orderIdOf(loads % ORDERS));
        if (aggregate.lines !== EVENTS - 1) throw new Error(`An order has ${aggregate.lines} lines`);
      }
      return (loads / (performance.now() - start)) * 1_000;
    },
    () => {
      const start = performance.now();
      let loads = 0;
      for (; performance.now() - start < milliseconds; loads++) {
        const events = log.events(orderStreamOf(loads % ORDERS));
        if (events.length !== EVENTS) throw new Error(`An order has ${events.length} events`);
      }
      return (loads / (performance.now() - start)) * 1_000;
    },
    tell,
  );
  log.close();
  await ours.close();
  return [rates('load a 1,000-event aggregate', 'loads/s', found.ours, found.floor, 0.7)];
}
