import Database from 'better-sqlite3';
import { randomBytes } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import type { Random } from '@marketplace/simulator';
import { WriteAheadLog } from './write-ahead-log.js';

/** Where the number of frames that were carried over into the file, or were about to be, stands in the shared memory. */
const BACKFILL_ATTEMPTED = 96 + 32;

/** What was done to a log. */
export interface Tear {
  readonly how: 'cut' | 'garbled' | 'half a frame' | 'a frame that does not add up' | 'rubbish behind it';
  /** How many committed transactions went with it, of documents and checkpoints only. */
  readonly transactions: number;
  /** The end of the event log, which is the same before and after. */
  readonly position: number;
}

/**
 * Does to a write-ahead log what a power cut may do, after every process that had the file open was killed.
 *
 * A power cut takes what was not flushed, and nothing else. An event is flushed before it is acknowledged, and before any
 * other connection can see it (`synchronous=FULL`), together with all that stands before it in the one log; and whatever
 * is carried over into the file was flushed before that. So nothing at or before the last transaction that holds an
 * event, nor what was carried over, may be touched: to tear that would be to test a disk that lies, against which
 * nothing helps. What is behind it, documents and checkpoints that were committed and not flushed, half-written
 * transactions and room that was used in an earlier round, may be gone, garbled or cut anywhere.
 *
 * Which transactions hold events is found by looking: through a link to the file, with a copy of the log that ends with
 * the transaction in question, opened to be read only.
 *
 * @throws {Error} when the events are not the same afterwards
 */
export function tearTail(file: string, random: Random): Tear | undefined {
  const logFile = `${file}-wal`;
  if (!existsSync(logFile)) return undefined; // all of it was carried over
  const bytes = readFileSync(logFile);
  const log = new WriteAheadLog(bytes);
  const commits = log.frames.filter(({ commits }) => commits).map(({ end }) => end);
  const carriedOver = log.frames[backfill(file) - 1]?.end ?? 0;
  const candidates = commits.filter((end) => end >= carriedOver);
  if (candidates.length === 0) return undefined;

  const position = endOfEvents(file, bytes);
  let [from, to] = [0, candidates.length - 1];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (endOfEvents(file, bytes.subarray(0, candidates[middle])) === position) to = middle;
    else from = middle + 1;
  }
  const flushed = candidates[to]!;
  const end = candidates.at(-1)!;

  const tear = { ...damage(logFile, bytes, log, { flushed, end }, random), position };
  const left = new WriteAheadLog(readFileSync(logFile)).frames.filter(({ commits }) => commits).length;
  const after = endOfEvents(file, readFileSync(logFile));
  if (after !== position) throw new Error(`The log was torn too far: it ended at ${position}, and now at ${after}`);
  return { ...tear, transactions: commits.length - left };
}

function damage(
  logFile: string,
  bytes: Buffer,
  log: WriteAheadLog,
  { flushed, end }: { flushed: number; end: number },
  random: Random,
): Pick<Tear, 'how'> {
  switch (random.integer(0, 4)) {
    case 0:
      truncateSync(logFile, random.integer(flushed, Math.max(end, bytes.length)));
      return { how: 'cut' };
    case 1: {
      const from = random.integer(flushed, end);
      writeFileSync(logFile, Buffer.concat([bytes.subarray(0, from), randomBytes(Math.max(64, bytes.length - from))]));
      return { how: 'garbled' };
    }
    case 2: {
      const content = randomBytes(log.pageSize);
      const frame = Buffer.concat([log.nextHeader(1, 2, content), content]);
      const half = frame.subarray(0, random.integer(1, frame.length - 1));
      writeFileSync(logFile, Buffer.concat([bytes.subarray(0, log.frames.at(-1)!.end), half]));
      return { how: 'half a frame' };
    }
    case 3: {
      const content = randomBytes(log.pageSize);
      const header = log.nextHeader(1, 2, content);
      content[random.integer(0, content.length - 1)]! ^= 1; // one bit
      writeFileSync(logFile, Buffer.concat([bytes.subarray(0, log.frames.at(-1)!.end), header, content]));
      return { how: 'a frame that does not add up' };
    }
    default:
      writeFileSync(logFile, Buffer.concat([bytes.subarray(0, end), randomBytes(random.integer(1, 65_536))]));
      return { how: 'rubbish behind it' };
  }
}

function backfill(file: string): number {
  const shared = existsSync(`${file}-shm`) ? readFileSync(`${file}-shm`) : Buffer.alloc(0);
  // Written by this machine, in its order of bytes.
  return shared.length < BACKFILL_ATTEMPTED + 4 ? 0 : new Uint32Array(shared.buffer, shared.byteOffset, 33)[32]!;
}

/** The position of the last event, as the file and this log have it. */
function endOfEvents(file: string, log: Buffer): number {
  const probe = `${file}.probe`;
  const files = [probe, `${probe}-wal`, `${probe}-shm`];
  for (const old of files) rmSync(old, { force: true });
  linkSync(file, probe);
  writeFileSync(`${probe}-wal`, log);
  const db = new Database(probe, { readonly: true });
  try {
    return db.prepare<[], number>('SELECT coalesce(max(position), 0) FROM event').pluck().get()!;
  } finally {
    db.close();
    for (const old of files) rmSync(old, { force: true });
  }
}
