import { openGestaOnServers } from '../ours/open-on-servers.js';
import type { TaskContext } from '../processes/task.js';
import { rebuildIn } from './rebuild-in.js';
import type { Rebuilt } from './rebuilt.js';

/** What is to be rebuilt on servers. */
export interface ToRebuildOnServers {
  readonly eventsUrl: string;
  readonly documentsUrl: string;
  /** The key of the last document. */
  readonly last: string;
}

/** Rebuilds the read model from EventStoreDB into MongoDB. */
export async function run(
  { eventsUrl, documentsUrl, last }: ToRebuildOnServers,
  { memoryAtStart }: TaskContext,
): Promise<Rebuilt> {
  return rebuildIn(await openGestaOnServers(eventsUrl, documentsUrl), last, memoryAtStart);
}
