import { startEventStoreDB } from '@gesta/dev-servers';
import { describe, expect, it } from '@jest/globals';
import { anEvent } from '../test/events.js';
import { eventStoreDB } from './eventstoredb-adapter.js';

const options = { now: () => new Date(0) };

describe('the EventStoreDB adapter', () => {
  it('opens URLs of either name', async () => {
    const server = await startEventStoreDB();
    const adapter = eventStoreDB();
    expect([adapter.scheme, ...adapter.aliases!]).toEqual(['esdb', 'kurrentdb', 'kurrent', 'kdb']);
    expect(adapter.openDocumentStore).toBeUndefined();
    const stores = [
      await adapter.openEventStore!(server.url, options),
      await adapter.openEventStore!(server.url.replace('esdb:', 'kurrentdb:'), options),
    ];
    for (const store of stores) await store.append('test-1', [anEvent()], { expected: 'any' });
    const [one] = stores;
    for await (const [, second] of one!.readStream('test-1')) {
      expect(second).toMatchObject({ revision: 1 });
      expect(second!.recordedAt.getTime()).toBeGreaterThan(0); // by the server's clock
    }
    for (const store of stores) await store.close();
    await server.stop();
  });

  it('has its patience from its options', async () => {
    const adapter = eventStoreDB({ patienceMs: 50 });
    const before = performance.now();
    await expect(adapter.openEventStore!('esdb://127.0.0.1:9?tls=false', options)).rejects.toThrow(/nothing listens/);
    expect(performance.now() - before).toBeLessThan(9_000);
  });

  it('refuses a URL of another form, and shows a right one', async () => {
    await expect(eventStoreDB().openEventStore!('esdb:', options)).rejects.toThrow(eventStoreDB().example);
  });
});
