import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { fileURLToPath } from 'node:url';

const program = (name: string) =>
  fileURLToPath(new URL(`../../../distributed/dist/servers/${name}.js`, import.meta.url));

/** A server that stores, as a process of its own on a port of its own. */
export class StoreServer {
  private child: ChildProcess | undefined;
  private readonly log: WriteStream;

  private constructor(
    private readonly name: 'eventstoredb' | 'mongodb',
    readonly port: number,
    logFile: string,
  ) {
    this.log = createWriteStream(logFile, { flags: 'a' });
  }

  /** @param data the folder that holds its data */
  static async start(
    name: 'eventstoredb' | 'mongodb',
    port: number,
    data: string,
    logFile: string,
  ): Promise<StoreServer> {
    const server = new StoreServer(name, port, logFile);
    await server.start(data);
    return server;
  }

  /** Starts it, once it was killed, on the same port and whatever data. */
  async start(data: string): Promise<void> {
    const child = spawn(process.execPath, [program(this.name), String(this.port), data], {
      env: { PATH: process.env.PATH },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'], // it ends when the rig is gone
    });
    this.child = child;
    child.stderr!.on('data', (text) => this.log.write(text));
    const { promise: isOpen, resolve } = Promise.withResolvers<void>();
    child.stdout!.on('data', (text) => {
      this.log.write(text);
      if (String(text).includes('is open at')) resolve();
    });
    const ended = once(child, 'exit').then(() => Promise.reject(new Error(`${this.name} did not start`)));
    ended.catch(() => undefined); // later it is killed
    await Promise.race([isOpen, ended]);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
  }

  pause(): void {
    this.child?.kill('SIGSTOP');
  }

  resume(): void {
    this.child?.kill('SIGCONT');
  }
}
