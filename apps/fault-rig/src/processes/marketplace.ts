import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { environmentOf, loadedBefore, type Deployment } from './deployment.js';
import type { ExecutionFolder } from './execution-folder.js';

const MAIN = fileURLToPath(new URL('../../../marketplace/dist/main.js', import.meta.url));
/** How often is asked whether it is ready, in milliseconds. */
const ASK_EVERY_MS = 50;
/** How long it is waited for after it ended by itself, in milliseconds. */
const AGAIN_AFTER_MS = 300;

/** What a marketplace process reports about itself. */
export interface MarketplaceEvents {
  /** It has ended, and nobody here has ended it. `opened` tells whether it had opened its door before. */
  readonly endedByItself: (marketplace: Marketplace, opened: boolean, how: string) => void;
}

/** One process of the marketplace, kept running unless it is to be down: whoever runs it in earnest would do the same. */
export class Marketplace {
  readonly url: string;
  /** How often it was started. */
  starts = 0;
  /** Whether it has said that it is ready since it was last started. */
  ready = false;
  /** The end of what it has said since it was last started. */
  said = '';

  private child: ChildProcess | undefined;
  private opened = false;
  private down = true;
  private readonly log: WriteStream;

  constructor(
    readonly name: string,
    port: number,
    private readonly folder: ExecutionFolder,
    private readonly events: MarketplaceEvents,
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.log = createWriteStream(folder.logOf(name), { flags: 'a' });
  }

  get pid(): number | undefined {
    return this.isRunning ? this.child?.pid : undefined;
  }

  get isRunning(): boolean {
    return this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null;
  }

  start(deployment: Deployment = {}): void {
    this.down = false;
    this.ready = this.opened = false;
    this.starts++;
    const child = spawn(process.execPath, [...loadedBefore(deployment), MAIN], {
      env: {
        ...this.folder.environment,
        ...environmentOf(deployment),
        HOST: '127.0.0.1',
        PORT: new URL(this.url).port,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // it ends when the rig is gone
    });
    this.child = child;
    this.said = '';
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (text) => {
        if (this.child !== child) return;
        this.said = (this.said + String(text)).slice(-2_000);
        this.opened ||= this.said.includes(' is open at ');
        this.log.write(`${new Date().toISOString()} ${String(text)}`);
      });
    }
    child.once('exit', (code, signal) => {
      if (this.child !== child || this.down) return;
      const { opened } = this;
      this.ready = false;
      this.events.endedByItself(this, opened, `${code ?? signal}: ${this.said.trim().slice(-500)}`);
      setTimeout(() => this.child === child && !this.down && this.start(deployment), AGAIN_AFTER_MS);
    });
    void this.askWhetherReady(child);
  }

  /** Ends it and leaves it down; resolves with its exit code, or with the signal that ended it. */
  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<number | string> {
    this.down = true;
    this.ready = false;
    const child = this.child!;
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode!;
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    child.kill(signal);
    const [code, endedBy] = await exited;
    return code ?? endedBy!;
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }

  /** It gets what others leave over, until it is started again. */
  neglect(): void {
    if (this.pid !== undefined) setPriority(this.pid, 19);
  }

  /** Lets it write no file past so many bytes; `undefined` lifts that. Needs no rights, as the hard limit stays. */
  limitFileSize(bytes: number | undefined): void {
    if (this.pid === undefined) return;
    const { status, stderr } = spawnSync('prlimit', [`--pid=${this.pid}`, `--fsize=${bytes ?? 'unlimited'}:`]);
    if (status !== 0 && this.isRunning) throw new Error(`prlimit: ${String(stderr)}`);
  }

  /** The memory that is its own now, in megabytes. */
  get memoryMb(): number {
    try {
      const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
      return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024);
    } catch {
      return 0;
    }
  }

  /** Its log is complete when it resolves. */
  close(): Promise<void> {
    return new Promise((resolve) => this.log.end(resolve));
  }

  private async askWhetherReady(child: ChildProcess): Promise<void> {
    while (this.child === child && this.isRunning && !this.ready) {
      const signal = AbortSignal.timeout(5_000);
      const answer = await fetch(`${this.url}/health/ready`, { signal }).catch(() => undefined);
      await answer?.text().catch(() => undefined);
      if (this.child !== child || !this.isRunning) return;
      this.ready = answer?.status === 200;
      if (!this.ready) await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
}
