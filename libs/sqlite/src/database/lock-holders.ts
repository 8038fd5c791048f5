import { readFileSync, statSync } from 'node:fs';

/** Bytes of the shared memory that are locked by whoever reads the write-ahead log, as SQLite has it. */
const FIRST_READER = 124;
const LAST_READER = 127;

/**
 * The other processes that are in the middle of reading from a write-ahead log, as Linux tells; none elsewhere.
 * @param sharedMemory the file `-shm` beside the database
 */
export function holdersOf(sharedMemory: string): string[] {
  try {
    const { ino } = statSync(sharedMemory);
    const found = readFileSync('/proc/locks', 'utf8').matchAll(
      /POSIX\s+ADVISORY\s+READ\s+(\d+)\s+\S+:(\d+)\s+(\d+)\s+(\d+)/g,
    );
    const processes = new Set<number>();
    for (const [, pid, inode, from, to] of found) {
      const isReader = Number(from) <= LAST_READER && Number(to) >= FIRST_READER;
      if (Number(inode) === ino && isReader && Number(pid) !== process.pid) processes.add(Number(pid));
    }
    return [...processes].map((pid) => `process ${pid}${nameOf(pid)}`);
  } catch {
    return [];
  }
}

function nameOf(pid: number): string {
  try {
    return `, ${readFileSync(`/proc/${pid}/comm`, 'utf8').trim()}`;
  } catch {
    return '';
  }
}
