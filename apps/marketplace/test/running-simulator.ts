import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const SIMULATOR = fileURLToPath(new URL('../../simulator/dist/main.js', import.meta.url));

export interface Day {
  readonly seed: number;
  readonly orders: number;
}

/** The simulator, running beside the test: customers at work, who check the books at the end. */
export class RunningSimulator {
  ended = false;
  /** Everything it has written to its terminal. */
  output = '';
  /** Resolves with its exit code, which is 0 when the books balance. */
  readonly closed: Promise<number>;

  constructor(url: string, { seed, orders }: Day) {
    const child = spawn(
      process.execPath,
      [SIMULATOR, '--orders', String(orders), '--concurrency', '16', '--seed', String(seed), '--timeout', '120'],
      {
        env: { PATH: process.env.PATH, GESTA_URL: url },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (this.output += String(text)));
    this.closed = once(child, 'close').then(([code]) => {
      this.ended = true;
      return code as number;
    });
  }
}
