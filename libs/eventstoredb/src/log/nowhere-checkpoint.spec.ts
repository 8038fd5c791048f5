import { startEventStoreDB } from '@gesta/dev-servers';
import { describe, expect, it } from '@jest/globals';
import { until } from '../../../core/test/until.js';
import { anEvent } from '../../test/events.js';
import { Following } from '../../test/following.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

describe('an empty log whose server says that a reader is at -1', () => {
  it.each(['24.2', '24.10', '25.1'] as const)('is followed from its first event on, on %s', async (version) => {
    const server = await startEventStoreDB({ version });
    const store = await EventStoreDBEventStore.open(server.url);
    const following = new Following(store, { after: undefined, filter: { categories: ['test'] } });
    await until('it has caught up', () => following.caughtUp);
    expect(following.position).toBe(0n);
    const [{ checkpoint: after } = { checkpoint: '' }] = following.batches;
    await store.append('test-1', [anEvent()], { expected: 'no-stream' });
    const resumed = new Following(store, { after, filter: { categories: ['test'] } });
    for (const each of [following, resumed]) {
      await until('the event came', () => each.events.length === 1);
      expect(each.failure).toBeUndefined();
      await each.stop();
    }
    await store.close();
    await server.stop();
  });
});
