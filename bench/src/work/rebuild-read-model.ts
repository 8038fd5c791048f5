import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bounded, durations, type Finding } from '../finding.js';
import { appendOrdersByHand } from '../floor/append-orders-by-hand.js';
import { openWith, settingsOf } from '../floor/floor-database.js';
import { FloorLog } from '../floor/floor-log.js';
import { appendOrders } from '../ours/append-orders.js';
import { openStores } from '../ours/open-stores.js';
import { runTask } from '../processes/run-task.js';
import type { TaskContext } from '../processes/task.js';
import type { Rebuilt, ToRebuildByHand } from '../rebuild/rebuilt.js';
import type { RowInput } from '../rows.js';
import { median } from '../statistics.js';

const OURS = import.meta.resolve('../rebuild/rebuild-with-gesta.js');
const FLOOR = import.meta.resolve('../rebuild/rebuild-by-hand.js');
const EVENTS_EACH = 10;
const MEGABYTE = 1_000_000;
/** With these the `gesta` command runs a rebuild; V8 then takes no memory that it could do without. */
const BOUNDED = ['--max-semi-space-size=16', '--max-old-space-size=1024'];

/** Folds a whole log into documents, in a new process every time, ours and the floor in turns. */
export async function run({ folder, quick }: RowInput, { tell }: TaskContext): Promise<Finding[]> {
  const orders = quick ? 10_000 : 100_000;
  const rounds = quick ? 1 : 5;
  const events = (orders * EVENTS_EACH).toLocaleString('en');

  const stores = await openStores(join(folder, 'ours.db'));
  const { database } = stores;
  const settings = { events: settingsOf(database.events), documents: settingsOf(database.documents) };
  await appendOrders(stores.events, orders, EVENTS_EACH, (appended) =>
    tell(`preparing: ${appended.toLocaleString('en')} of ${events} events`),
  );
  await stores.close();
  tell('preparing the floor');
  const log = new FloorLog(openWith(settings.events, join(folder, 'floor.db')));
  appendOrdersByHand(log, orders, EVENTS_EACH);
  log.close();

  const ours: Rebuilt[] = [];
  const floor: Rebuilt[] = [];
  const oursBounded: Rebuilt[] = [];
  for (let round = 1; round <= rounds; round++) {
    const rebuild = async (module: string, name: string, nodeOptions: readonly string[] = []) => {
      const input: ToRebuildByHand = { path: join(folder, `${name}.db`), orders, settings };
      tell(`round ${round} of ${rounds}: ${name}`);
      const rebuilt = await runTask<Rebuilt>(module, input, { nodeOptions });
      const { milliseconds, cpuMilliseconds, memory } = rebuilt;
      tell(
        `round ${round} of ${rounds}: ${name} took ${milliseconds.toFixed()} ms (${cpuMilliseconds.toFixed()} ms of CPU), ${(memory / MEGABYTE).toFixed()} MB`,
      );
      return rebuilt;
    };
    if (round % 2 === 0) floor.push(await rebuild(FLOOR, 'floor'));
    ours.push(await rebuild(OURS, 'ours'));
    if (round % 2 === 1) floor.push(await rebuild(FLOOR, 'floor'));
    if (round % 2 === 1) oursBounded.push(await rebuild(OURS, 'ours', BOUNDED));
  }
  if (!ours[0]!.last || !isDeepStrictEqual(ours[0]!.last, floor[0]!.last)) {
    throw new Error(
      `The read models differ: ${JSON.stringify(ours[0]!.last)} here, ${JSON.stringify(floor[0]!.last)} by hand`,
    );
  }

  const work = `rebuild ${events} events into ${orders.toLocaleString('en')} documents`;
  const time = (all: Rebuilt[]) => median(all.map(({ milliseconds }) => milliseconds));
  const memory = (all: Rebuilt[]) => Math.max(...all.map(({ memory }) => memory)) / MEGABYTE;
  return [
    durations(work, 'ms', time(ours), time(floor), 0.7),
    bounded(`${work}: peak memory`, 'MB', memory(ours), memory(floor), 250),
    durations('the same, heap bounded as by gesta projections rebuild', 'ms', time(oursBounded), time(floor), 0.7),
    bounded('the same, heap bounded: peak memory', 'MB', memory(oursBounded), null, 250),
  ];
}
