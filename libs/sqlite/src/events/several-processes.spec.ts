import type { EventBatch, RecordedEvent } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { SqliteDatabase } from '../database/sqlite-database.js';
import { SqliteEventStore } from './sqlite-event-store.js';

/** What the other process was answered. */
interface Answer {
  readonly stream: string;
  readonly id: string;
  readonly revision: number;
  readonly position: string;
}

class OtherProcess {
  readonly answers: Answer[] = [];
  readonly #process: ChildProcessByStdio<Writable, Readable, null>;
  readonly #ended: Promise<unknown>;
  readonly #ready: Promise<unknown>;
  #awaited: { readonly count: number; readonly resolve: () => void }[] = [];

  constructor(file: string) {
    const here = (path: string) => new URL(path, import.meta.url);
    const loader = here('../../../core/test/load-sources.mjs').href;
    this.#process = spawn(
      process.execPath,
      ['--conditions=@gesta/source', '--import', loader, here('other-process/append.mjs').pathname, file],
      { stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const lines = createInterface({ input: this.#process.stdout });
    this.#ready = once(lines, 'line').then(() => lines.on('line', (line) => this.#answered(line)));
    this.#ended = Promise.all([once(lines, 'close'), once(this.#process, 'exit')]);
  }

  async append(stream: string, count: number): Promise<void> {
    await this.#ready;
    this.#process.stdin.write(`${stream} ${count}\n`);
  }

  /** Resolves when so many answers have come. */
  async answered(count: number): Promise<void> {
    if (this.answers.length >= count) return;
    await new Promise<void>((resolve) => this.#awaited.push({ count, resolve }));
  }

  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#ended;
  }

  async end(): Promise<void> {
    this.#process.stdin.end();
    await this.#ended;
    expect(this.#process.exitCode).toBe(0);
  }

  #answered(line: string): void {
    this.answers.push(JSON.parse(line) as Answer);
    this.#awaited = this.#awaited.filter(({ count, resolve }) => {
      if (this.answers.length < count) return true;
      resolve();
      return false;
    });
  }
}

describe('an SQLite event store shared by processes', () => {
  let folder: string;
  let file: string;
  let store: SqliteEventStore;
  let others: OtherProcess[];

  const another = () => {
    const other = new OtherProcess(file);
    others.push(other);
    return other;
  };
  const open = async () => new SqliteEventStore(await SqliteDatabase.open(`sqlite:${file}`));
  const anEvent = () => ({ id: randomUUID(), type: 'test.mine', version: 1, headers: {}, data: {} });

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-processes-'));
    file = join(folder, 'gesta.db');
    store = await open();
    others = [];
  });

  afterEach(async () => {
    for (const other of others) await other.kill();
    await store.close();
    rmSync(folder, { recursive: true });
  });

  const everything = async (): Promise<RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    for await (const batch of store.readAll()) events.push(...batch.events);
    return events;
  };

  /** Revisions without gaps in every stream, positions that grow. */
  const expectWhole = (events: readonly RecordedEvent[]) => {
    const next = new Map<string, number>();
    let position = 0n;
    for (const event of events) {
      expect(event.revision).toBe(next.get(event.streamId) ?? 0);
      expect(event.position > position).toBe(true);
      next.set(event.streamId, event.revision + 1);
      position = event.position;
    }
  };

  it('takes the appends of two processes at once, to one stream and to streams of their own', async () => {
    const [first, second] = [another(), another()];
    for (const [process, own] of [
      [first, 'test-first'],
      [second, 'test-second'],
    ] as const) {
      await process.append('test-shared', 150);
      await process.append(own, 150);
    }
    const mine: bigint[] = [];
    for (let n = 0; n < 150; n++) {
      mine.push((await store.append('test-shared', [anEvent()], { expected: 'any' })).position);
    }
    await Promise.all([first.end(), second.end()]);

    const events = await everything();
    expectWhole(events);
    expect(events).toHaveLength(5 * 150);
    const answers = [...first.answers, ...second.answers];
    const answered = [...answers.map(({ position }) => BigInt(position)), ...mine];
    expect(new Set(answered)).toEqual(new Set(events.map(({ position }) => position)));
    const byId = new Map(events.map((event) => [event.id, event]));
    for (const { id, stream, revision } of answers) expect(byId.get(id)).toMatchObject({ streamId: stream, revision });
    expect(events.filter(({ streamId }) => streamId === 'test-shared')).toHaveLength(450);
  }, 60_000);

  it("gives a waiting subscription another process's events, soon and whole", async () => {
    const other = another();
    const aborting = new AbortController();
    const arrivals = new Map<string, number>();
    const batches: EventBatch[] = [];
    let arrived = () => {};
    const following = (async () => {
      for await (const batch of store.subscribe({ signal: aborting.signal })) {
        batches.push(batch);
        for (const { id } of batch.events) arrivals.set(id, performance.now());
        arrived();
      }
    })();

    const delays: number[] = [];
    for (let n = 1; n <= 10; n++) {
      await other.append('test-other', 1);
      await other.answered(n);
      const answeredAt = performance.now();
      while (arrivals.size < n) await new Promise<void>((resolve) => (arrived = resolve));
      delays.push(arrivals.get(other.answers[n - 1]!.id)! - answeredAt);
    }
    await other.append('test-other', 200);
    await other.answered(210);
    while (arrivals.size < 210) await new Promise<void>((resolve) => (arrived = resolve));
    aborting.abort();
    await following;
    await other.end();

    expect(delays.toSorted((a, b) => a - b)[5]).toBeLessThan(500);
    expectWhole(batches.flatMap(({ events }) => events));
  }, 60_000);

  it('has every event for which a process was answered before it was killed', async () => {
    const answers: Answer[] = [];
    for (const after of [1, 40, 150]) {
      const other = another();
      for (let n = 0; n < 8; n++) await other.append(`test-${n % 5}`, 1_000_000);
      await other.answered(after);
      await other.kill();
      answers.push(...other.answers);

      await store.close();
      store = await open();
      const events = await everything();
      expectWhole(events);
      const byId = new Map(events.map((event) => [event.id, event]));
      for (const { id, stream, revision, position } of answers) {
        expect(byId.get(id)).toMatchObject({ streamId: stream, revision, position: BigInt(position) });
      }
      expect(await store.append('test-after', [anEvent()], { expected: 'any' })).toBeDefined();
    }
  }, 60_000);
});
