import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { environmentOf, loadedBefore, type Deployment } from './deployment.js';
import type { ExecutionFolder } from './execution-folder.js';

const GESTA = fileURLToPath(new URL('../../../../libs/cli/dist/main.js', import.meta.url));
const CONFIG = fileURLToPath(new URL('../../../../gesta.config.js', import.meta.url));

/** How a command ended. */
export interface Outcome {
  /** `undefined` when it was killed. */
  readonly exitCode: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** The `gesta` command, as operators run it: a process of its own. */
export class GestaCommand {
  readonly ended: Promise<Outcome>;
  private readonly child: ChildProcess;

  constructor(
    folder: ExecutionFolder,
    readonly args: readonly string[],
    deployment: Deployment = {},
  ) {
    const child = (this.child = spawn(
      process.execPath,
      [...loadedBefore(deployment), GESTA, '--config', CONFIG, '--json', ...args],
      { env: { ...folder.environment, ...environmentOf(deployment) }, stdio: ['ignore', 'pipe', 'pipe'] },
    ));
    let [stdout, stderr] = ['', ''];
    child.stdout!.on('data', (text) => (stdout += String(text)));
    child.stderr!.on('data', (text) => (stderr += String(text)));
    this.ended = (once(child, 'close') as Promise<[number | null]>).then(([code]) => ({
      exitCode: code ?? undefined,
      stdout,
      stderr,
    }));
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}
