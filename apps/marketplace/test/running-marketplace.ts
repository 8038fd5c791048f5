import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { waitUntil } from './wait-until.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever JSON the marketplace answers
  readonly body: any;
}

/** The marketplace as a process of its own, as `npm start` runs it. */
export class RunningMarketplace {
  private child: ChildProcess | undefined;
  private printed = '';

  private constructor(
    readonly url: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** Starts it on a free port and waits until it is ready. */
  static async start(environment: NodeJS.ProcessEnv): Promise<RunningMarketplace> {
    const port = await freePort();
    const marketplace = new RunningMarketplace(`http://127.0.0.1:${port}`, { ...environment, PORT: String(port) });
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
    this.child = spawn(process.execPath, [MAIN], {
      env: { PATH: process.env.PATH, HOST: '127.0.0.1', ...this.environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (text) => (this.printed += String(text)));
  }

  /** Ends it; resolves with its exit code, or with the signal that ended it. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | string> {
    const child = this.child!;
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

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
