import { describe, expect, it } from '@jest/globals';
import { wholeLog } from '../../test/log.js';
import { until } from '../../test/until.js';
import { Aggregate, Apply } from '../aggregates/aggregate.decorator.js';
import { aggregateDefinition } from '../aggregates/aggregate-definition.js';
import { Gesta } from '../application/gesta.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Command } from '../messaging/command.decorator.js';
import { send } from '../processes/effects.js';
import { processDefinition } from '../processes/process-definition.js';
import { ProcessManager, When } from '../processes/process-manager.decorator.js';
import { Reactor } from '../processes/reactor.decorator.js';
import { reactorDefinition } from '../processes/reactor-definition.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import { event } from './domain-event.js';
import { Event } from './event.decorator.js';

/** Changes all that can be reached. */
function spoil(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) spoil(inner);
  if (Array.isArray(value)) value.push('spoilt');
  else (value as Record<string, unknown>).spoilt = true;
}

const SHARED_BY_ALL = ['lifted'];

@Event('alias.noted', { version: 2, upcast: { 1: (data) => (spoil(data), { tags: SHARED_BY_ALL }) } })
class Noted {
  readonly tags!: string[];
}
@Command('alias.copy')
class Copy {
  readonly id!: string;
  readonly tags!: string[];
}

@Aggregate({ category: 'alias.note', id: 'id' })
class Note {
  seen: string[][] = [];
  @Apply(Noted)
  noted(noted: Noted) {
    this.seen.push([...noted.tags]);
    spoil(noted);
  }
}

const spoilingKey = (noted: Noted) => {
  spoil(noted);
  return 'all';
};

@Projection({ name: 'notes' })
class Notes {
  @Project(Noted, (noted) => [spoilingKey(noted), 'again'])
  noted(noted: Noted, before: { seen: string[][] } = { seen: [] }) {
    const seen = [...before.seen, [...noted.tags]];
    spoil(noted);
    return { seen };
  }
}

@ProcessManager({ name: 'copier', startFrom: 'beginning' })
class Copier {
  tries = 0;
  @When(Noted, (noted: Noted) => spoilingKey(noted))
  noted(noted: Noted) {
    const command = { id: 'copy', tags: noted.tags };
    const effect = send(Copy, command);
    spoil(command);
    spoil(noted);
    return effect;
  }
}

@Reactor({ name: 'reacting', startFrom: 'beginning', attempts: 2 })
class Reacting {
  readonly seen: string[][] = [];
  @When(Noted, (noted: Noted) => spoilingKey(noted))
  async noted(noted: Noted, _meta: unknown, { attempt }: { attempt: number }) {
    if (attempt === 2) this.seen.push([...noted.tags]);
    spoil(noted);
    if (attempt === 1) throw new Error('once more');
  }
}

describe('whatever is changed in what was handed over', () => {
  it('is seen by nobody else: not by the log, by other readers, by another try or by what is in memory', async () => {
    const store = new MemoryEventStore();
    const reacting = new Reacting();
    const gesta = await Gesta.open({
      events: store,
      documents: new MemoryDocumentStore(),
      aggregates: [aggregateDefinition(Note)],
      projections: [{ projectionClass: Notes, definition: projectionDefinition(Notes, new Notes()) }],
      processes: [processDefinition(Copier)],
      reactors: [reactorDefinition(Reacting, reacting)],
      committed: ({ events }) => events.forEach(({ data }) => spoil(data)),
    });
    try {
      const notes = gesta.repository(Note);
      const given = { tags: ['a'] };
      await notes.transact('1', () => {
        const first = event(Noted, given);
        given.tags.push('b');
        const both = [first, event(Noted, given)];
        spoil(given);
        return both;
      });
      const old = { id: 'old', type: 'alias.noted', version: 1, commandId: undefined, headers: {}, data: {} };
      await store.append('alias.note-1', [old, { ...old, id: 'older' }], { expected: 'any' });
      const seen = [['a'], ['a', 'b'], ['lifted'], ['lifted']];
      let inMemory: string[][] = [];
      for (let n = 0; n < 2; n++) await notes.transact('1', (note) => void (inMemory = note.seen));
      expect(inMemory.slice(0, 2)).toEqual(seen.slice(0, 2));
      expect((await notes.load('1')).aggregate.seen).toEqual(seen);

      await gesta.start();
      const model = gesta.readModel<{ seen: string[][] }>(Notes);
      await until('all are reacted to', () => reacting.seen.length === 4);
      const sent = async () => (await wholeLog(store)).filter(({ type }) => type === 'alias.copy');
      await until('all are copied', async () => (await sent()).length === 4);
      expect(reacting.seen).toEqual(seen);
      expect((await sent()).map(({ data }) => data)).toEqual(seen.map((tags) => ({ id: 'copy', tags })));
      for (const key of ['all', 'again']) {
        await until(`${key} is folded`, async () => (await model.findById(key))?.seen.length === 4);
        expect(await model.findById(key)).toEqual({ seen });
        spoil(await model.findById(key));
        (await model.find()).forEach(spoil);
        expect(await model.findById(key)).toEqual({ seen });
      }
      expect(SHARED_BY_ALL).toEqual(['lifted']);
      const recorded = (await wholeLog(store)).filter(({ type, version }) => type === 'alias.noted' && version === 2);
      expect(recorded.map(({ data }) => data)).toEqual(seen.slice(0, 2).map((tags) => ({ tags })));
    } finally {
      await gesta.stop();
    }
  });
});
