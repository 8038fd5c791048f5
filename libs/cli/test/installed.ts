import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from '../../core/test/until.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** An application's folder in which Gesta's built packages are installed, with a database of its own. */
export class Installed {
  readonly folder = mkdtempSync(join(tmpdir(), 'gesta-cli-'));
  readonly database = join(this.folder, 'data', 'gesta.db');

  /** @param config what the configuration file holds beside its imports */
  constructor(config: string, name = 'gesta.config.js') {
    mkdirSync(join(this.folder, 'node_modules'));
    symlinkSync(path('../..'), join(this.folder, 'node_modules', '@gesta'));
    this.write('package.json', '{ "type": "module" }');
    const imports = [
      "import { defineConfig } from '@gesta/cli';",
      "import { sqlite } from '@gesta/sqlite';",
      `import * as shop from '${path('./shop.mjs')}';`,
    ];
    this.write(name, [...imports, config].join('\n'));
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  /** Starts `gesta` with the arguments, separated by blanks. */
  gesta(line: string, env: Readonly<Record<string, string>> = {}): RunningCommand {
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, [path('../dist/main.js'), ...line.split(' ')], {
      cwd: this.folder,
      env: { PATH, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new RunningCommand(child);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** A command that was started. */
export class RunningCommand {
  out = '';
  err = '';
  private isOver = false;
  readonly ended: Promise<{ code: number | null; out: string; err: string }>;

  constructor(readonly child: ChildProcess) {
    child.stdout!.on('data', (chunk: Buffer) => (this.out += chunk.toString()));
    child.stderr!.on('data', (chunk: Buffer) => (this.err += chunk.toString()));
    this.ended = once(child, 'close').then(([code]) => {
      this.isOver = true;
      return { code: code as number | null, out: this.out, err: this.err };
    });
  }

  /** Presses Ctrl-C so many times at once. */
  interrupt(times = 1): void {
    for (let time = 0; time < times; time++) this.child.kill('SIGINT');
  }

  /** Resolves once it has said something to people; fails when it ends without. */
  async said(text: string): Promise<void> {
    await until(`it says '${text}'`, () => {
      if (this.err.includes(text)) return true;
      if (this.isOver) throw new Error(`It ended without saying '${text}': ${this.err}`);
      return false;
    });
  }
}
