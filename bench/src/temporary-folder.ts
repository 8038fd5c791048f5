import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for the files of one run. */
export class TemporaryFolder {
  readonly path = mkdtempSync(join(tmpdir(), 'gesta-bench-'));

  /** A new folder in it. */
  folder(name: string): string {
    const path = join(this.path, name);
    mkdirSync(path);
    return path;
  }

  /** Removes what the folder of the name holds, or all of it. */
  remove(name = ''): void {
    rmSync(join(this.path, name), { recursive: true, force: true, maxRetries: 10, retryDelay: 50 });
  }
}
