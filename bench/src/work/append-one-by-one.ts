import { join } from 'node:path';
import { alternate } from '../alternate.js';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { rates, type Finding } from '../finding.js';
import { openWith, settingsOf } from '../floor/floor-database.js';
import { FloorLog } from '../floor/floor-log.js';
import { openStores } from '../ours/open-stores.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';

const EVENTS_EACH = 10;

/** Append, wait until it is durable, append the next. The floor inserts each event in a transaction of its own. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const stores = await openStores(join(folder, 'ours.db'));
  const log = new FloorLog(openWith(settingsOf(stores.database.events), join(folder, 'floor.db')));
  const milliseconds = quick ? 150 : 400;
  let [ours, floor] = [0, 0];

  const found = await alternate(
    quick ? 7 : 15,
    async () => {
      const [start, before] = [performance.now(), ours];
      for (; performance.now() - start < milliseconds; ours++) {
        const [order, revision] = [Math.floor(ours / EVENTS_EACH), ours % EVENTS_EACH];
        const expected = revision === 0 ? 'no-stream' : revision - 1;
        await stores.events.append(orderStreamOf(order), [orderEventToAppend(order, revision)], { expected });
      }
      return ((ours - before) / (performance.now() - start)) * 1_000;
    },
    () => {
      const [start, before] = [performance.now(), floor];
      for (; performance.now() - start < milliseconds; floor++) {
        const [order, revision] = [Math.floor(floor / EVENTS_EACH), floor % EVENTS_EACH];
        log.append(orderStreamOf(order), revision, orderEventToAppend(order, revision));
      }
      return ((floor - before) / (performance.now() - start)) * 1_000;
    },
    tell,
  );
  log.close();
  await stores.close();
  return [rates('append, awaited one by one, durable', 'events/s', found.ours, found.floor, 0.85)];
}
