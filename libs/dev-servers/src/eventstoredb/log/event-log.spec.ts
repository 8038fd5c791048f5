import { StoreUnavailable } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL, EventLog } from './event-log.js';
import type { ProposedEvent } from './log-event.js';

const events = (count: number, size = 10): ProposedEvent[] =>
  Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'x',
    isJson: false,
    data: new Uint8Array(size),
    metadata: new Uint8Array(0),
  }));

describe('an event log', () => {
  let folder: string;
  let log: EventLog;
  const never = new AbortController().signal;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-event-log-'));
    log = await EventLog.open(join(folder, 'eventstoredb.db'));
  });
  afterEach(async () => {
    await log.close();
    rmSync(folder, { recursive: true });
  });

  it('writes appends that are in flight together in one go', async () => {
    let commits = 0;
    log.database.events.onCommit(() => commits++);
    await Promise.all(Array.from({ length: 500 }, (_, n) => log.append(`s-${n % 50}`, events(1), 'any')));
    expect(commits).toBeLessThan(50);
    expect(log.readStream('s-7', { from: 0, limit: 100 }).events).toHaveLength(10);
  });

  it('refuses one append among others, and does the others', async () => {
    const outcomes = await Promise.all([
      log.append('s', events(1), 'no-stream'),
      log.append('s', events(1), 'no-stream'),
      log.append('s', events(1), 0),
    ]);
    expect(outcomes.map(({ result }) => result)).toEqual(['written', 'wrong-expected-revision', 'written']);
  });

  it('gives the numbers of an undone append to the next', async () => {
    const broken = { ...events(1)[0]!, data: undefined as never };
    await expect(log.append('a-1', [...events(1), broken], 'any')).rejects.toThrow();
    await log.append('a-2', events(1), 'any');
    expect(log.readStream('a-1', { from: 0, limit: 10 }).status).toBe('not-found');
    for (const stream of ['$ce-a', '$et-x', '$streams']) {
      const { events: links } = log.readStream(stream, { from: 0, limit: 10 });
      expect(links.map(({ event }) => [event!.revision, Buffer.from(event!.data).toString()])).toEqual([[0, '0@a-2']]);
    }
  });

  it('tells those who wait for a stream, its links or the log that it has grown, and nobody else', async () => {
    const told: string[] = [];
    for (const name of ['a-1', 'a-2', '$ce-a', '$et-x', '$et-y', '$streams', ALL]) {
      void log.grown(name, never).then(() => told.push(name));
    }
    await log.append('a-1', events(1), 'any');
    await Promise.resolve();
    expect(told.toSorted()).toEqual([ALL, '$ce-a', '$et-x', '$streams', 'a-1']);
  });

  it('has the event for who is told, and another version', async () => {
    const before = log.version;
    const grown = log.grown('s', never).then(() => log.readStream('s', { from: 0, limit: 1 }).events.length);
    await log.append('s', events(1), 'any');
    expect(await grown).toBe(1);
    expect(log.version).not.toBe(before);
  });

  it('lets go of those who do not want to wait any more, and does not keep those waiting who come late', async () => {
    const leaving = new AbortController();
    const waiting = log.grown('s', leaving.signal);
    leaving.abort();
    await waiting;
    await log.grown('s', leaving.signal);
  });

  it('ends waiting and reading when it is closed', async () => {
    const waiting = log.grown('s', never);
    await log.close();
    await waiting;
    await log.grown('s', never);
    expect(() => log.readStream('s', { from: 0, limit: 1 })).toThrow(StoreUnavailable);
    expect(() => log.readAll({ from: 0, limit: 1 })).toThrow(StoreUnavailable);
    await expect(log.append('s', events(1), 'any')).rejects.toThrow(StoreUnavailable);
  });

  it('ends a page when it is large, however few its events are', async () => {
    for (let n = 0; n < 4; n++) await log.append('large', events(4, 100_000), 'any');
    const first = log.readStream('large', { from: 0, limit: 16 });
    expect(first.events.length).toBeLessThanOrEqual(4);
    expect(first).toMatchObject({ next: first.events.length, end: false });
    let count = 0;
    for (let from = 0, end = false; !end;) {
      const page = log.readAll({ from, limit: 16 });
      count += page.events.length;
      ({ next: from, end } = page);
    }
    expect(count).toBe(16);
  });

  it('recognises an append by its ids, also one of the last 50,000', async () => {
    await log.append('s', events(1), 'any');
    const [early] = [events(1)];
    const first = await log.append('s', early!, 'any');
    for (let n = 0; n < 49; n++) await log.append(`other-${n}`, events(1_000, 0), 'any');
    expect(await log.append('s', early!, 'any')).toEqual(first);
  });
});
