import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

const here = (path: string) => new URL(path, import.meta.url);

/** The command in a process of its own, run from its sources. */
export class CommandProcess {
  /** What it has said, line by line. */
  readonly lines: string[] = [];
  readonly errors: string[] = [];
  readonly ended: Promise<number | null>;
  readonly #process: ChildProcess;
  #heard = () => {};

  constructor(...args: readonly string[]) {
    const loader = here('../../core/test/load-sources.mjs').href;
    this.#process = spawn(
      process.execPath,
      ['--conditions=@gesta/source', '--import', loader, here('../src/command/main.ts').pathname, ...args],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const hear = (lines: string[]) => (line: string) => {
      lines.push(line);
      this.#heard();
    };
    createInterface({ input: this.#process.stdout! }).on('line', hear(this.lines));
    createInterface({ input: this.#process.stderr! }).on('line', hear(this.errors));
    this.ended = once(this.#process, 'close').then(([code]) => code as number | null);
    void this.ended.then(() => this.#heard());
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
