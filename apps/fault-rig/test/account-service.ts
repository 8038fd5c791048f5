import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const SERVICE = fileURLToPath(new URL('../dist/accounts/service.js', import.meta.url));
const GESTA = fileURLToPath(new URL('../../../libs/cli/dist/main.js', import.meta.url));
const configOf = (bug: boolean) =>
  fileURLToPath(new URL(`../dist/accounts/${bug ? 'with-bug.' : ''}gesta.config.js`, import.meta.url));

/** The application around the accounts, running outside of this process. */
export class AccountService {
  private constructor(
    private readonly child: ChildProcess,
    private readonly url: string,
  ) {}

  /** @param bug whether its fold throws on a move without an amount */
  static async start(storeUrl: string, { bug = false } = {}): Promise<AccountService> {
    const child = spawn(process.execPath, [SERVICE, storeUrl, ...(bug ? ['with-bug'] : [])], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'], // it ends when this process is gone
    });
    const [port] = (await once(child.stdout!, 'data')) as [Buffer];
    return new AccountService(child, `http://127.0.0.1:${Number(port)}`);
  }

  get<T>(path: string): Promise<T | undefined> {
    return this.ask('GET', path);
  }

  post<T>(path: string): Promise<T | undefined> {
    return this.ask('POST', path);
  }

  /** It stands still until it is resumed; requests wait. */
  pause(): void {
    this.child.kill('SIGSTOP');
  }

  resume(): void {
    this.child.kill('SIGCONT');
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  private async ask<T>(method: string, path: string): Promise<T | undefined> {
    const response = await fetch(this.url + path, { method });
    const text = await response.text();
    if (response.status === 404) return undefined;
    if (response.status !== 200) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as T;
  }
}

/** The `gesta` command, running outside of this process. */
export class RunningGesta {
  /** The most memory it ever had, in megabytes, as far as was looked. */
  peakMemoryMb = 0;
  readonly ended: Promise<{ exitCode: number | null; stdout: string; stderr: string }>;
  private readonly child: ChildProcess;

  constructor(storeUrl: string, args: readonly string[], { bug = false } = {}) {
    this.child = spawn(process.execPath, [GESTA, '--config', configOf(bug), '--json', ...args], {
      env: { PATH: process.env.PATH, GESTA_EVENTS_URL: storeUrl },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    this.child.stdout!.on('data', (text) => (stdout += String(text)));
    this.child.stderr!.on('data', (text) => (stderr += String(text)));
    const looking = setInterval(() => this.look(), 20);
    this.ended = (once(this.child, 'close') as Promise<[number | null]>).then(([exitCode]) => {
      clearInterval(looking);
      return { exitCode, stdout, stderr };
    });
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }

  private look(): void {
    try {
      const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
      const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
      this.peakMemoryMb = Math.max(this.peakMemoryMb, Math.round(peak));
    } catch {
      // It has ended.
    }
  }
}
