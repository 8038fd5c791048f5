import Database from 'better-sqlite3';
import { statfsSync } from 'node:fs';
import { arch, cpus, release, tmpdir, totalmem, type } from 'node:os';

/** Where the numbers come from; without it they mean little. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** In gigabytes. */
  readonly memory: number;
  readonly node: string;
  readonly sqlite: string;
  readonly os: string;
}

export function thisMachine(): Machine {
  const db = new Database(':memory:');
  const sqlite = db.prepare<[], string>('SELECT sqlite_version()').pluck().get()!;
  db.close();
  const processors = cpus();
  return {
    cpu: processors[0]?.model.trim() ?? 'unknown',
    cores: processors.length,
    memory: Math.round(totalmem() / 1e8) / 10,
    node: process.version,
    sqlite,
    os: `${type()} ${release()} ${arch()}`,
  };
}

const TMPFS = 0x01021994;

/** Whether the folder for temporary files is kept in memory, where nothing is ever durable. */
export function temporaryFilesAreInMemory(): boolean {
  return process.platform === 'linux' && statfsSync(tmpdir()).type === TMPFS;
}
