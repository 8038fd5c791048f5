import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';

/** What the thread runs: plain text, so that it is the same from sources, from `dist` and from a bundle. */
const CODE = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { driver, location, timeout, statements } = workerData;
  const db = new (require(driver))(location, { timeout, fileMustExist: true });
  try {
    const found = statements.map((sql) => {
      const statement = db.prepare(sql);
      return statement.reader ? statement.get() : void statement.run();
    });
    parentPort.postMessage(found);
  } finally {
    db.close();
  }
`;

/**
 * Runs statements that may take long, on a connection and in a thread of their own: the event loop goes on.
 * @param timeoutMs how long each waits for a lock; the thread sleeps meanwhile
 * @returns the first row of each
 */
export function onSideThread(
  location: string,
  statements: readonly string[],
  timeoutMs: number,
): Promise<readonly unknown[]> {
  return new Promise((resolve, reject) => {
    const driver = createRequire(import.meta.url).resolve('better-sqlite3');
    const workerData = { driver, location, timeout: timeoutMs, statements };
    const worker = new Worker(CODE, { eval: true, workerData, env: {}, execArgv: [] });
    worker.once('message', resolve);
    worker.once('error', reject);
    worker.once('exit', (code) => reject(new Error(`The thread beside ${location} has ended with ${code}`)));
  });
}
