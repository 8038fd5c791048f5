import Database from 'better-sqlite3';
import { closeSync, fdatasyncSync, openSync, statfsSync, writeSync } from 'node:fs';
import { arch, cpus, loadavg, release, tmpdir, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { percentile } from './statistics.js';

/** Where the numbers come from; without it they mean little. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  /** In gigabytes. */
  readonly memory: number;
  readonly node: string;
  readonly sqlite: string;
  readonly os: string;
  /** How long the disk takes to make a page durable, in milliseconds. */
  readonly fdatasync: { readonly p50: number; readonly p99: number };
  /** Processes that wanted a core in the minute before the run, and in the minute before its end: ours is one. */
  readonly load: { readonly before: number; readonly after: number };
}

/** @param folder where the files are that are measured */
export function thisMachine(folder: string): Machine {
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
    fdatasync: fdatasyncTimes(join(folder, 'fdatasync')),
    load: { before: loadavg()[0]!, after: loadavg()[0]! },
  };
}

/** The same machine when it is done. */
export function afterwards(machine: Machine): Machine {
  return { ...machine, load: { ...machine.load, after: loadavg()[0]! } };
}

/** Writes of a page, as SQLite's to its log: over what is there, one behind the other. */
function fdatasyncTimes(path: string): Machine['fdatasync'] {
  const page = Buffer.alloc(4_096, 1);
  const [pages, times] = [500, [] as number[]];
  const file = openSync(path, 'w');
  for (let at = 0; at < pages; at++) writeSync(file, page, 0, page.length, at * page.length);
  fdatasyncSync(file);
  for (let at = 0; at < pages; at++) {
    writeSync(file, page, 0, page.length, at * page.length);
    const start = performance.now();
    fdatasyncSync(file);
    times.push(performance.now() - start);
  }
  closeSync(file);
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
}

const TMPFS = 0x01021994;

/** Whether the folder for temporary files is kept in memory, where nothing is ever durable. */
export function temporaryFilesAreInMemory(): boolean {
  return process.platform === 'linux' && statfsSync(tmpdir()).type === TMPFS;
}
