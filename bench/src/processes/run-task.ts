import { fork } from 'node:child_process';
import type { Order, Report } from './task.js';

export interface RunOptions {
  /** Hears what the task tells. */
  readonly told?: (news: unknown) => void;
  /** Ends the process, and those that it started, at once. They are then a group of their own, which a terminal's Ctrl+C does not reach. */
  readonly signal?: AbortSignal;
  /** Options of Node's for the process, beside this one's. */
  readonly nodeOptions?: readonly string[];
}

/**
 * Runs a task in a process of its own, so that neither memory nor compiled code of other work has a part in it.
 * @param module the task's module, as `import.meta.resolve('./task.js')` gives it
 * @throws {Error} with the task's own words when it fails
 */
export async function runTask<O>(
  module: string,
  input: unknown,
  { told, signal, nodeOptions = [] }: RunOptions = {},
): Promise<O> {
  signal?.throwIfAborted();
  const child = fork(new URL('./task-process.js', import.meta.url), {
    detached: signal !== undefined,
    execArgv: [...process.execArgv, ...nodeOptions],
  });
  const end = () => endGroup(child.pid);
  signal?.addEventListener('abort', end);
  let report: Exclude<Report, { kind: 'told' }> | undefined;
  return new Promise<O>((resolve, reject) => {
    child.on('message', (message) => {
      const news = message as Report;
      if (news.kind === 'told') told?.(news.news);
      else report = news;
    });
    child.once('error', reject);
    child.once('exit', (code, endedBy) => {
      signal?.removeEventListener('abort', end);
      if (report?.kind === 'done') resolve(report.result as O);
      else
        reject(new Error(report?.reason ?? `A process of the measurement ended early (${endedBy ?? `code ${code}`})`));
    });
    child.send({ module, input } satisfies Order);
  });
}

function endGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
