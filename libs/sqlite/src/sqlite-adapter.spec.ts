import { StoreUnavailable, type EventStore, type EventToAppend } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sqlite } from './sqlite-adapter.js';

describe('the SQLite adapter', () => {
  let folder: string;
  let url: string;
  const options = { now: () => new Date('2026-03-01T12:00:00Z') };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'gesta-adapter-'));
    url = `sqlite:${join(folder, 'data', 'gesta.db')}`;
  });

  afterEach(() => rmSync(folder, { recursive: true }));

  const anEvent = (): EventToAppend => ({ id: randomUUID(), type: 'test.happened', version: 1, headers: {}, data: {} });
  const eventsIn = async (store: EventStore) => {
    const events = [];
    for await (const batch of store.readAll()) events.push(...batch.events);
    return events;
  };

  it('opens events and documents in one file, each closed on its own', async () => {
    const adapter = sqlite();
    const events = await adapter.openEventStore!(url, options);
    const documents = await adapter.openDocumentStore!(url, options);
    const summaries = await documents.collection('summaries');
    await events.append('test-1', [anEvent()], { expected: 'no-stream' });
    await summaries.put([{ key: 'a', version: 1n, body: { total: 1 } }]);
    await events.close();
    expect(await summaries.get(['a'])).toEqual(new Map([['a', { key: 'a', version: 1n, body: { total: 1 } }]]));
    await documents.close();

    const again = await adapter.openEventStore!(url, options);
    expect(await eventsIn(again)).toMatchObject([{ streamId: 'test-1', recordedAt: options.now() }]);
    await again.close();
  });

  it('shares a database in memory between the stores that it opened, and with no other', async () => {
    const [adapter, another] = [sqlite(), sqlite()];
    const events = await adapter.openEventStore!('sqlite::memory:', options);
    const documents = await adapter.openDocumentStore!('sqlite::memory:', options);
    const same = await adapter.openEventStore!('sqlite::memory:', options);
    const other = await another.openEventStore!('sqlite::memory:', options);
    await events.append('test-1', [anEvent()], { expected: 'no-stream' });
    expect(await eventsIn(same)).toHaveLength(1);
    expect(await eventsIn(other)).toHaveLength(0);
    for (const store of [events, documents, same, other]) await store.close();
  });

  it('wakes the subscription of one store by the append of another under the same URL', async () => {
    const adapter = sqlite();
    const [reader, writer] = [await adapter.openEventStore!(url, options), await adapter.openEventStore!(url, options)];
    const aborting = new AbortController();
    const seen: number[] = [];
    for await (const { events } of reader.subscribe({ signal: aborting.signal })) {
      seen.push(...events.map(({ revision }) => revision));
      if (seen.length === 3) aborting.abort();
      else void writer.append('test-1', [anEvent()], { expected: 'any' });
    }
    expect(seen).toEqual([0, 1, 2]);
    await reader.close();
    await writer.close();
  });

  it('says why a file cannot be opened, and opens it when it can be', async () => {
    writeFileSync(join(folder, 'data'), 'in the way');
    const adapter = sqlite();
    await expect(adapter.openEventStore!(url, options)).rejects.toThrow(StoreUnavailable);
    await expect(adapter.openDocumentStore!(url, options)).rejects.toThrow(join(folder, 'data'));
    rmSync(join(folder, 'data'));
    const store = await adapter.openEventStore!(url, options);
    await store.close();
  });

  it('refuses a URL of another form, and shows a right one', async () => {
    await expect(sqlite().openEventStore!('sqlite:', options)).rejects.toThrow(sqlite().example);
  });
});
