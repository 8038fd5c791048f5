import { join } from 'node:path';
import { alternate } from '../alternate.js';
import { orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { rates, type Finding } from '../finding.js';
import { openWith, settingsOf } from '../floor/floor-database.js';
import { FloorLog } from '../floor/floor-log.js';
import { openStores } from '../ours/open-stores.js';
import type { TaskContext } from '../processes/task.js';
import type { RowInput } from '../rows.js';

const IN_FLIGHT = 64;
const EVENTS_EACH = 10;

/** 64 writers, each on streams of its own. The floor knows beforehand what belongs together: 64 inserts, one commit. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const stores = await openStores(join(folder, 'ours.db'));
  const log = new FloorLog(openWith(settingsOf(stores.database.events), join(folder, 'floor.db')));
  const milliseconds = quick ? 200 : 400;
  let [oursOrders, floorOrders] = [0, 0];

  const found = await alternate(
    quick ? 7 : 15,
    async () => {
      const start = performance.now();
      let appended = 0;
      const writer = async () => {
        while (performance.now() - start < milliseconds) {
          const order = oursOrders++;
          for (let revision = 0; revision < EVENTS_EACH; revision++) {
            const expected = revision === 0 ? 'no-stream' : revision - 1;
            await stores.events.append(orderStreamOf(order), [orderEventToAppend(order, revision)], { expected });
          }
          appended += EVENTS_EACH;
        }
      };
      await Promise.all(Array.from({ length: IN_FLIGHT }, writer));
      return (appended / (performance.now() - start)) * 1_000;
    },
    () => {
      const start = performance.now();
      let appended = 0;
      while (performance.now() - start < milliseconds) {
        for (let revision = 0; revision < EVENTS_EACH; revision++) {
          log.together(() => {
            for (let order = floorOrders; order < floorOrders + IN_FLIGHT; order++) {
              log.append(orderStreamOf(order), revision, orderEventToAppend(order, revision));
            }
          });
        }
        floorOrders += IN_FLIGHT;
        appended += IN_FLIGHT * EVENTS_EACH;
      }
      return (appended / (performance.now() - start)) * 1_000;
    },
    tell,
  );
  log.close();
  await stores.close();
  return [rates('append, 64 in flight, durable', 'events/s', found.ours, found.floor, 0.8)];
}
