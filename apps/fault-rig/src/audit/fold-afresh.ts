import 'reflect-metadata';
import { setTimeout as delay } from 'node:timers/promises';
import {
  Gesta,
  processDefinition,
  projectionDefinition,
  type Appended,
  type Class,
  type EventStore,
  type EventToAppend,
} from '@gesta/core';
import * as inventory from '@marketplace/inventory/parts';
import * as ordering from '@marketplace/ordering/parts';
import { openDocuments, openEvents } from '../storage/open-stores.js';

/**
 * A process that knows nothing yet: folds the log at the first URL into the empty document store at the second one, and
 * ends. Its process managers think, and what they say is not heard: nothing is added to the log.
 */
const [eventsUrl, documentsUrl] = process.argv.slice(2) as [string, string];
const [events, documents] = await Promise.all([openEvents(eventsUrl), openDocuments(documentsUrl)]);

/** The log, to be read only: whatever is appended is answered, and dropped. */
const unheard = new Proxy<EventStore>(events, {
  get(target, property) {
    if (property === 'append') {
      return (_: string, { length }: readonly EventToAppend[]): Promise<Appended> =>
        Promise.resolve({ revision: length - 1, position: 1n });
    }
    const value: unknown = Reflect.get(target, property, target);
    return typeof value === 'function' ? (value.bind(target) as unknown) : value;
  },
});

const projections: readonly Class[] = [...inventory.projections, ...ordering.projections];
const processes: readonly Class[] = [...inventory.processes, ...ordering.processes];
const gesta = await Gesta.open({
  events: unheard,
  documents,
  projections: projections.map((projectionClass) => ({
    projectionClass,
    definition: projectionDefinition(projectionClass, Reflect.construct(projectionClass, []) as object),
  })),
  processes: processes.map((processClass) => processDefinition(processClass)),
});
gesta.start();
while ((await gesta.status()).some(({ lag }) => lag > 0n)) await delay(50);
await gesta.stop();
await Promise.all([events.close(), documents.close()]);
