import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

/** The bytes of the buffers that are in use: what nobody holds any more is given up first. */
export function liveBuffers(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}
