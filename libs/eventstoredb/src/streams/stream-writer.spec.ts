import { randomUUID } from 'node:crypto';
import { AppendTooLarge, StoreUnavailable, WrongExpectedRevision, type EventToAppend } from '@gesta/core';
import { startEventStoreDB, type EventStoreDBServer } from '@gesta/dev-servers';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../../../core/test/until.js';
import { allOf, anEvent, events, idsOf } from '../../test/events.js';
import { TcpProxy } from '../../test/tcp-proxy.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

jest.setTimeout(30_000);

describe('writing when the network fails', () => {
  let data: string;
  let server: EventStoreDBServer;
  let proxy: TcpProxy;
  let direct: EventStoreDBEventStore;
  let store: EventStoreDBEventStore;
  let stream: string;

  beforeEach(async () => {
    data = await mkdtemp(join(tmpdir(), 'gesta-esdb-'));
    server = await startEventStoreDB({ data });
    proxy = await TcpProxy.to(server.port);
    direct = await EventStoreDBEventStore.open(server.url);
    store = await EventStoreDBEventStore.open(proxy.url);
    stream = `test-${randomUUID()}`;
    const { revision } = await store.append('test-warm', [anEvent()], { expected: 'any' });
    await store.append('test-warm', [anEvent()], { expected: revision }); // it hears of deletions from now on
  });

  afterEach(async () => {
    await store.close();
    await direct.close();
    await proxy.close();
    await server.stop();
    await rm(data, { recursive: true });
  });

  const recordedOf = (name: string) => allOf(direct.readStream(name));
  const recorded = (count: number) =>
    until('it was recorded', async () => (await recordedOf(stream)).length === count, 10_000);

  it.each([
    ['no-stream', 0],
    [1, 2],
  ] as const)('gives the first answer when it was lost, at %s', async (expected, before) => {
    if (before > 0) await store.append(stream, events(before), { expected: 'no-stream' });
    const some = events(3);
    proxy.holdAnswers();
    const appended = store.append(stream, some, { expected });
    await recorded(before + 3);
    await direct.append('test-other', events(2), { expected: 'any' });
    proxy.cut();
    const all = await recordedOf(stream);
    expect(await appended).toEqual({ revision: before + 2, position: all.at(-1)!.position });
    expect(idsOf(await recordedOf(stream)).slice(before)).toEqual(idsOf(some));
  });

  it('gives the first answer when it was lost, also where the stream had been deleted before', async () => {
    await direct.append(stream, events(2), { expected: 'no-stream' });
    await direct.deleteStream(stream, { expected: 1 });
    const some = events(2);
    proxy.holdAnswers();
    const appended = store.append(stream, some, { expected: 'no-stream' });
    await recorded(2);
    proxy.cut();
    expect(await appended).toMatchObject({ revision: 3 });
    expect(idsOf(await recordedOf(stream))).toEqual(idsOf(some));
  });

  it.each(['any', 'stream-exists'] as const)('does not risk to append twice at %s, and says so', async (expected) => {
    await direct.append(stream, events(1), { expected: 'no-stream' });
    proxy.holdAnswers();
    const appended = store.append(stream, events(1), { expected });
    appended.catch(() => undefined);
    await recorded(2);
    proxy.cut();
    await expect(appended).rejects.toThrow(StoreUnavailable);
    expect(await recordedOf(stream)).toHaveLength(2);
  });

  it('tells who lost a race from who repeats, though neither was answered', async () => {
    proxy.holdAnswers();
    const appended = store.append(stream, events(1), { expected: 'no-stream' });
    appended.catch(() => undefined);
    await recorded(1);
    const other = direct.append(stream, events(1), { expected: 'no-stream' });
    await expect(other).rejects.toThrow(WrongExpectedRevision);
    proxy.cut();
    expect(await appended).toMatchObject({ revision: 0 });
  });

  it('writes when the server is there again, without being asked twice', async () => {
    await server.stop();
    const appended = [store.append(stream, events(2), { expected: 'no-stream' })];
    appended.push(store.append(`${stream}-2`, events(2), { expected: 'no-stream' }));
    server = await startEventStoreDB({ data, port: server.port });
    expect(await Promise.all(appended)).toMatchObject([{ revision: 1 }, { revision: 1 }]);
    expect(await recordedOf(stream)).toHaveLength(2);
  });

  it('fails when the server stays away for longer than its patience, showing no login', async () => {
    const url = proxy.url.replace('://', '://berta:secret@');
    const hasty = await EventStoreDBEventStore.open(url, { patienceMs: 200 });
    await server.stop();
    const calls = {
      append: () => hasty.append(stream, events(1), { expected: 'no-stream' }),
      nothing: () => hasty.append(stream, [], { expected: 'any' }),
      readStream: () => allOf(hasty.readStream(stream)),
      head: () => hasty.head(),
      deleteStream: () => hasty.deleteStream(stream, { expected: 'any' }),
      truncateStream: () => hasty.truncateStream(stream, 1),
    };
    for (const [name, call] of Object.entries(calls)) {
      const refusal = (await call().catch((error: unknown) => error)) as Error;
      expect([name, refusal]).toEqual([name, expect.any(StoreUnavailable)]);
      expect(refusal.message).toContain(`esdb://127.0.0.1:${proxy.port}: `);
      expect(refusal.message).not.toMatch(/secret|berta|\n/);
    }
    server = await startEventStoreDB({ data, port: server.port });
    await until('it works again', () => hasty.head().then(Boolean, () => false), 15_000);
    await hasty.close();
  });

  it('goes on reading a stream where the connection broke', async () => {
    for (let n = 0; n < 6; n++) await direct.append(stream, events(500), { expected: 'any' });
    for (const direction of ['forwards', 'backwards'] as const) {
      const read: number[] = [];
      for await (const batch of store.readStream(stream, { direction })) {
        read.push(...batch.map(({ revision }) => revision));
        proxy.cut();
      }
      const all = Array.from({ length: 3000 }, (_, n) => n);
      expect(read).toEqual(direction === 'forwards' ? all : all.toReversed());
    }
  });

  it('deletes once when the answer was lost', async () => {
    await direct.append(stream, events(2), { expected: 'no-stream' });
    proxy.holdAnswers();
    const deleted = store.deleteStream(stream, { expected: 1 });
    deleted.catch(() => undefined);
    await until('the request is on its way', () => proxy.open);
    proxy.cut();
    await deleted;
    expect(await recordedOf(stream)).toEqual([]);
  });

  it('says how much the server takes when an append is too large, and goes on', async () => {
    const large: EventToAppend[] = [
      anEvent({ data: { text: 'x'.repeat(700_000) } }),
      anEvent({ data: { text: 'y'.repeat(700_000) } }),
    ];
    const refused = store.append(stream, large, { expected: 'any' });
    await expect(refused).rejects.toThrow(AppendTooLarge);
    await expect(refused).rejects.toThrow(/about 14\d{5} bytes .* takes 1048576/);
    const huge = anEvent({ data: { text: 'x'.repeat(17 * 1024 * 1024) } });
    const [small, alone] = [
      store.append(`${stream}-2`, events(1), { expected: 'no-stream' }),
      store.append(stream, [huge], { expected: 'any' }),
    ];
    await expect(alone).rejects.toThrow(AppendTooLarge);
    expect(await small).toMatchObject({ revision: 0 });
    expect(await store.append(stream, large.slice(0, 1), { expected: 'any' })).toMatchObject({ revision: 0 });
  });
});
