import { orderIdOf } from '../domain/sample-events.js';
import { openGesta } from '../ours/open-gesta.js';
import type { TaskContext } from '../processes/task.js';
import { rebuildIn } from './rebuild-in.js';
import type { Rebuilt, ToRebuild } from './rebuilt.js';

/** Rebuilds the read model from a file into it. */
export async function run({ path, orders }: ToRebuild, { memoryAtStart }: TaskContext): Promise<Rebuilt> {
  return rebuildIn(await openGesta(path), orderIdOf(orders - 1), memoryAtStart);
}
