import { setImmediate as nextTurn } from 'node:timers/promises';

/** How long, in milliseconds, work goes on before others get their turn. */
const WORK_MS = 8;

/** Tells work that waits for nothing when it is time to let the event loop go round. */
export class Pauses {
  private since = performance.now();

  get isDue(): boolean {
    return performance.now() - this.since > WORK_MS;
  }

  async take(): Promise<void> {
    await nextTurn();
    this.since = performance.now();
  }
}
