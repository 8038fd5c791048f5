import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { bounded, durations, informative, type Finding } from '../finding.js';
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

const MODULES = {
  ours: import.meta.resolve('../rebuild/rebuild-with-gesta.js'),
  floor: import.meta.resolve('../rebuild/rebuild-by-hand.js'),
};
const EVENTS_EACH = 10;
const MEGABYTE = 1_000_000;
/** With these the `gesta` command runs a rebuild: V8 then takes less memory that it could do without. */
const BOUNDED = ['--max-semi-space-size=8', '--max-old-space-size=1536', '--no-allocation-site-pretenuring'];

/**
 * Folds a whole log into documents, in a new process every time, ours and the floor in turns, under the options of Node's
 * with which `gesta projections rebuild` does; then once more without, as in an application that has none.
 */
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

  const rebuild = async (name: keyof typeof MODULES, nodeOptions: readonly string[], round: string) => {
    const input: ToRebuildByHand = { path: join(folder, `${name}.db`), orders, settings };
    tell(`${round}: ${name}`);
    const rebuilt = await runTask<Rebuilt>(MODULES[name], input, { nodeOptions });
    const { milliseconds, cpuMilliseconds, memory } = rebuilt;
    tell(
      `${round}: ${name} took ${milliseconds.toFixed()} ms (${cpuMilliseconds.toFixed()} ms of CPU), ${(memory / MEGABYTE).toFixed()} MB`,
    );
    return rebuilt;
  };
  const ours: Rebuilt[] = [];
  const floor: Rebuilt[] = [];
  for (let round = 1; round <= rounds; round++) {
    const text = `round ${round} of ${rounds}`;
    if (round % 2 === 0) floor.push(await rebuild('floor', BOUNDED, text));
    ours.push(await rebuild('ours', BOUNDED, text));
    if (round % 2 === 1) floor.push(await rebuild('floor', BOUNDED, text));
  }
  const unbounded = {
    ours: await rebuild('ours', [], 'heap as V8 likes'),
    floor: await rebuild('floor', [], 'heap as V8 likes'),
  };
  if (!ours[0]!.last || !isDeepStrictEqual(ours[0]!.last, floor[0]!.last)) {
    throw new Error(
      `The read models differ: ${JSON.stringify(ours[0]!.last)} here, ${JSON.stringify(floor[0]!.last)} by hand`,
    );
  }

  const work = `rebuild ${events} events into ${orders.toLocaleString('en')} documents`;
  const time = (all: Rebuilt[]) => median(all.map(({ milliseconds }) => milliseconds));
  const memory = (...all: Rebuilt[]) => Math.max(...all.map(({ memory }) => memory)) / MEGABYTE;
  return [
    durations(work, 'ms', time(ours), time(floor), 0.7),
    bounded(`${work}: peak memory`, 'MB', memory(...ours), memory(...floor), 250),
    informative(
      'the same with the heap that V8 likes: peak memory',
      'MB',
      memory(unbounded.ours),
      memory(unbounded.floor),
    ),
  ];
}
