import { startMongoDB } from '@gesta/dev-servers';
import type { TaskContext } from '../processes/task.js';

/** Runs the local MongoDB until its process is ended. Tells its URL. */
export async function run({ data }: { data: string }, { tell }: TaskContext): Promise<never> {
  tell((await startMongoDB({ data })).url);
  return new Promise(() => undefined);
}
