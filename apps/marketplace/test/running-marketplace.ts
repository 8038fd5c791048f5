import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { waitUntil } from './wait-until.js';

/** Every context in one process, as `npm start` runs it. */
export const IN_ONE_PROCESS = fileURLToPath(new URL('../dist/main.js', import.meta.url));
/** Each context as services of its own, as `npm run start:distributed` runs them. */
export const AS_SERVICES = fileURLToPath(new URL('../../distributed/dist/main.js', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever JSON the marketplace answers
  readonly body: any;
}

/** The marketplace, running outside of this process. */
export class RunningMarketplace {
  private child: ChildProcess | undefined;
  private printed = '';

  private constructor(
    readonly url: string,
    private readonly environment: NodeJS.ProcessEnv,
    private readonly command: readonly string[],
  ) {}

  /**
   * Starts it on a free port and waits until it is ready.
   * @param command the script to run, and what to hand to it
   */
  static async start(
    environment: NodeJS.ProcessEnv,
    command: readonly string[] = [IN_ONE_PROCESS],
  ): Promise<RunningMarketplace> {
    const port = await freePort();
    const url = `http://127.0.0.1:${port}`;
    const marketplace = new RunningMarketplace(url, { ...environment, PORT: String(port) }, command);
    await marketplace.restart();
    return marketplace;
  }

  /** Everything it has written to its terminal. */
  get output(): string {
    return this.printed;
  }

  async restart(): Promise<void> {
    this.spawn();
    await this.ready();
  }

  async ready(): Promise<void> {
    await waitUntil('the marketplace is ready', async () => {
      if (this.child?.exitCode !== null)
        throw new Error(`The marketplace ended with ${this.child?.exitCode}:\n${this.printed}`);
      return (await fetch(`${this.url}/health/ready`).catch(() => undefined))?.status === 200;
    });
  }

  /** Starts it without waiting for anything. */
  spawn(): void {
    this.child = spawn(process.execPath, [...this.command], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (text) => (this.printed += String(text)));
  }

  /**
   * The processes it has said it consists of, by their names; the latest where one was started again. None where it is one
   * process.
   */
  get parts(): ReadonlyMap<string, number> {
    return new Map(
      [...this.printed.matchAll(/^(\S+) +\| is process (\d+)$/gm)].map(([, name, pid]) => [name!, Number(pid)]),
    );
  }

  /** Ends it, with all its parts when it is killed; resolves with its exit code, or with the signal that ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string> {
    const child = this.child!;
    if (signal === 'SIGKILL') {
      child.kill('SIGSTOP'); // it would start its parts again
      for (const pid of this.parts.values()) killed(pid);
    }
    if (child.exitCode !== null || child.signalCode !== null) return child.exitCode ?? child.signalCode!;
    const exited = once(child, 'exit') as Promise<[number | null, string | null]>;
    child.kill(signal);
    const [code, endedBy] = await exited;
    return code ?? endedBy!;
  }

  get(path: string): Promise<Answer> {
    return this.request('GET', path);
  }

  post(path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    return this.request('POST', path, typeof body === 'string' ? body : JSON.stringify(body ?? {}), headers);
  }

  private async request(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(this.url + path, {
      method,
      headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
      body: body ?? null,
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }
}

function killed(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended already.
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
