import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const here = (path: string) => new URL(path, import.meta.url);

const PROGRAM = [
  '--conditions=@gesta/source',
  '--import',
  here('../../core/test/load-sources.mjs').href,
  here('../src/command/main.ts').pathname,
];

/** The command in a process of its own, run from its sources. */
export class CommandProcess {
  /** What it has said, line by line. */
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  #heard = () => {};

  private constructor(process: ChildProcess) {
    this.#process = process;
    const hear = (lines: string[]) => (line: string) => {
      lines.push(line);
      this.#heard();
    };
    createInterface({ input: this.#process.stdout! }).on('line', hear(this.lines));
    createInterface({ input: this.#process.stderr! }).on('line', hear(this.errors));
    this.ended = once(this.#process, 'close').then(([code]) => code as number | null);
    void this.ended.then(() => this.#heard());
  }

  static start(...args: readonly string[]): CommandProcess {
    return new CommandProcess(spawn(process.execPath, [...PROGRAM, ...args], { stdio: ['ignore', 'pipe', 'pipe'] }));
  }

  /** In a shell, as npx does it. It is the shell that `end` is about; it has ended when the command has. */
  static startByNpx(...args: readonly string[]): CommandProcess {
    const env = { ...process.env, npm_lifecycle_event: 'npx' };
    const command = ['-c', '"$0" "$@" & wait', process.execPath, ...PROGRAM, ...args];
    return new CommandProcess(spawn('sh', command, { stdio: ['ignore', 'pipe', 'pipe'], env }));
  }

  /**
   * Waits for a line that says where a server is.
   * @throws {Error} when the process ended instead
   */
  async url(name: string): Promise<string> {
    for (;;) {
      const line = this.lines.find((each) => each.startsWith(`${name} ready: `));
      if (line) return line.split(' ')[2]!;
      if (this.#process.exitCode !== null) throw new Error(`The command ended: ${this.errors.join('\n')}`);
      await new Promise<void>((resolve) => (this.#heard = resolve));
    }
  }

  /** @returns its exit code; null when it was killed */
  async end(signal: 'SIGTERM' | 'SIGINT' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.#process.kill(signal);
    return this.ended;
  }
}
