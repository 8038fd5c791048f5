import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readFileSync, type WriteStream } from 'node:fs';
import { setPriority } from 'node:os';
import { fileURLToPath } from 'node:url';
import { environmentOf, loadedBefore, type Deployment } from './deployment.js';
import { Parts } from './parts.js';
import type { ExecutionFolder } from './execution-folder.js';

const script = (path: string) => fileURLToPath(new URL(`../../../${path}/dist/main.js`, import.meta.url));
/** Every context in one process. */
const IN_ONE_PROCESS = script('marketplace');
/** Each side of each context as a process of its own, and one that keeps them running. */
const AS_SERVICES = script('distributed');
/** How often is asked whether it is ready, in milliseconds. */
const ASK_EVERY_MS = 50;
/** How much of what it says is kept, in characters. */
const KEPT_CHARACTERS = 100_000;
/** How long it is waited for after it ended by itself, in milliseconds. */
const AGAIN_AFTER_MS = 300;

/** What a marketplace process reports about itself. */
export interface MarketplaceEvents {
  /** It has ended, and nobody here has ended it. `opened` tells whether it had opened its door before. */
  readonly endedByItself: (marketplace: Marketplace, opened: boolean, how: string) => void;
}

/** One marketplace: a process, or the processes of its services. It is kept running unless it is to be down: whoever runs it in earnest would do the same. */
export class Marketplace {
  readonly url: string;
  /** How often it was started. */
  starts = 0;
  /** Whether it has said that it is ready since it was last started. */
  ready = false;
  /** The end of what it has said since it was last started. */
  said = '';
  /** How much it has said since then, in characters. */
  saidInAll = 0;

  private child: ChildProcess | undefined;
  private parts = new Parts();
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

  /** @param inAll how much it had said by then */
  saidSince(inAll: number): string {
    return this.saidInAll > inAll ? this.said.slice(-(this.saidInAll - inAll)) : '';
  }

  /** Whether it says that it is ready within the time, whatever it has said before. */
  async isReadyWithin(ms: number): Promise<boolean> {
    const until = performance.now() + ms;
    while (performance.now() < until) {
      if (await this.saysReady()) return true;
      await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
    return false;
  }

  start(deployment: Deployment = {}): void {
    this.down = false;
    this.ready = this.opened = false;
    this.starts++;
    const program = this.folder.stage === 'services' ? AS_SERVICES : IN_ONE_PROCESS;
    const child = spawn(process.execPath, [program], {
      env: {
        ...this.folder.environment,
        ...environmentOf(deployment),
        NODE_OPTIONS: loadedBefore(deployment).join(' '), // its parts load it too
        HOST: '127.0.0.1',
        PORT: new URL(this.url).port,
      },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // it ends when the rig is gone
    });
    this.child = child;
    const parts = (this.parts = new Parts());
    this.said = '';
    this.saidInAll = 0;
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on('data', (text) => {
        if (this.child !== child) return;
        this.said = (this.said + String(text)).slice(-KEPT_CHARACTERS);
        this.saidInAll += String(text).length;
        this.opened ||= this.said.includes('The marketplace is open at ');
        parts.hear(String(text));
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
    if (signal === 'SIGKILL') {
      child.kill('SIGSTOP'); // it would start its parts again
      this.parts.signal('SIGKILL');
    }
    child.kill(signal);
    const [code, endedBy] = await exited;
    return code ?? endedBy!;
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
    this.parts.signal('SIGSTOP');
  }

  resume(): void {
    this.parts.signal('SIGCONT');
    this.child?.kill('SIGCONT');
  }

  /** It gets what others leave over, until it is started again. */
  neglect(): void {
    for (const pid of this.pids) setPriority(pid, 19);
  }

  /** Lets it write no file past so many bytes; `undefined` lifts that. Needs no rights, as the hard limit stays. */
  limitFileSize(bytes: number | undefined): void {
    if (this.pid === undefined) return;
    const { status, stderr } = spawnSync('prlimit', [`--pid=${this.pid}`, `--fsize=${bytes ?? 'unlimited'}:`]);
    if (status !== 0 && this.isRunning) throw new Error(`prlimit: ${String(stderr)}`);
  }

  /** The memory that is its own now, of the largest of its processes, in megabytes. */
  get memoryMb(): number {
    return Math.max(0, ...this.pids.map(memoryOf));
  }

  private get pids(): readonly number[] {
    return this.pid === undefined ? [] : [this.pid, ...this.parts.pids];
  }

  /** Its log is complete when it resolves. */
  close(): Promise<void> {
    return new Promise((resolve) => this.log.end(resolve));
  }

  private async saysReady(): Promise<boolean> {
    const signal = AbortSignal.timeout(5_000);
    const answer = await fetch(`${this.url}/health/ready`, { signal }).catch(() => undefined);
    await answer?.text().catch(() => undefined);
    return answer?.status === 200;
  }

  private async askWhetherReady(child: ChildProcess): Promise<void> {
    while (this.child === child && this.isRunning && !this.ready) {
      const isReady = await this.saysReady();
      if (this.child !== child || !this.isRunning) return;
      this.ready = isReady;
      if (!this.ready) await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    }
  }
}

function memoryOf(pid: number): number {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Math.round(Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024);
  } catch {
    return 0;
  }
}
