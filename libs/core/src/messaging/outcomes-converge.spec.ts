import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { dyingAt, documentsThrough, eventsThrough, mortal, type Around } from '../../test/fallible-stores.js';
import { wholeLog } from '../../test/log.js';
import { ReadingProcess } from '../../test/reading-process.js';
import { gate, until } from '../../test/until.js';
import { Aggregate, Apply, Handle } from '../aggregates/aggregate.decorator.js';
import { aggregateDefinition } from '../aggregates/aggregate-definition.js';
import { DomainError } from '../aggregates/domain-error.js';
import { Repository } from '../aggregates/repository.js';
import { deterministicId } from '../events/deterministic-id.js';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { appendOnce } from '../processes/outbox.js';
import { EffectConsumer } from '../readers/effect-consumer.js';
import { StoreUnavailable } from '../store/errors.js';
import type { EventStore } from '../store/event-store.js';
import { Command } from './command.decorator.js';
import { commandInbox } from './command-inbox.js';

// A shelf that holds what it is given: taking more than there is is refused, clearing an empty one is nothing to do.

@Command('shelf.put')
class Put {
  readonly shelf!: string;
  readonly amount!: number;
}
@Command('shelf.take')
class Take {
  readonly shelf!: string;
  readonly amount!: number;
}
@Command('shelf.clear')
class Clear {
  readonly shelf!: string;
}
@Event('shelf.changed')
class Changed {
  readonly by!: number;
}
class TooFew extends DomainError {}

@Aggregate({ category: 'shelf.shelf', id: 'shelf' })
class Shelf {
  amount = 0;
  @Handle(Put)
  put({ amount }: Put) {
    return event(Changed, { by: amount });
  }
  @Handle(Take)
  take({ amount }: Take) {
    if (amount > this.amount) throw new TooFew(`There are ${this.amount}`);
    return event(Changed, { by: -amount });
  }
  @Handle(Clear)
  clear() {
    return this.amount > 0 ? event(Changed, { by: -this.amount }) : undefined;
  }
  @Apply(Changed)
  changed({ by }: Changed) {
    this.amount += by;
  }
}
const shelf = aggregateDefinition(Shelf);
const HANDLED = [Put, Take, Clear];
const NAMES = ['shelf.put', 'shelf.take', 'shelf.clear'];

/** As a process of its own: its repository, its inbox. */
function inboxOn(store: EventStore) {
  const repository = new Repository(shelf, store, { maxDecisions: 1_000 });
  return commandInbox(
    {
      handled: HANDLED,
      execute: (command) => {
        const handler = shelf.handlers.find((each) => command instanceof each.command)!;
        return repository.transact('1', (aggregate) => handler.decide(aggregate, command) as never, { command });
      },
    },
    [shelf],
    store,
  );
}

const sent = async (store: EventStore, commands: readonly { name: string; amount: number }[]) => {
  for (const [index, { name, amount }] of commands.entries()) {
    await appendOnce(store, 'shelf.command', {
      id: `${index}`,
      type: name,
      version: 1,
      headers: { correlationId: 'r', replyTo: { process: 'p', key: 'k' } },
      data: { shelf: '1', amount },
    });
  }
  return wholeLog(store, { types: NAMES });
};

/** Each command has one outcome, the log is what deciding once in the order of the outcomes gives, and nothing else is in it. */
async function expectOneOutcomeEach(store: EventStore, commands: readonly RecordedEvent[]) {
  const log = await wholeLog(store);
  const outcomes = log.filter(({ streamId }) => streamId === 'shelf.shelf-1');
  expect(outcomes.map(({ commandId }) => commandId).sort()).toEqual(commands.map(({ id }) => id).sort());
  expect(log).toHaveLength(2 * commands.length);
  let amount = 0;
  for (const { commandId, type, data } of outcomes) {
    const { type: asked, data: said } = commands.find(({ id }) => id === commandId)!;
    const wanted = Number(said.amount);
    const refused = asked === 'shelf.take' && wanted > amount;
    const by = asked === 'shelf.put' ? wanted : asked === 'shelf.take' ? -wanted : -amount;
    expect([commandId, type]).toEqual([
      commandId,
      refused ? 'gesta.command-refused' : by === 0 ? 'gesta.command-accepted' : 'shelf.changed',
    ]);
    if (type === 'shelf.changed') expect(data.by).toBe(by);
    if (type === 'shelf.changed') amount += by;
  }
}

const someCommands = fc.array(fc.record({ name: fc.constantFrom(...NAMES), amount: fc.integer({ min: 1, max: 4 }) }), {
  minLength: 1,
  maxLength: 6,
});

describe('The outcome of a command', () => {
  let processes: ReadingProcess[] = [];
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.stop()));
    processes = [];
  });

  it('is one, whichever of two owners stands still at which call, and whichever answers get lost', async () => {
    await fc.assert(
      fc.asyncProperty(
        someCommands,
        fc.scheduler(),
        fc.array(fc.boolean(), { maxLength: 20 }),
        async (list, s, losses) => {
          const store = new MemoryEventStore();
          const commands = await sent(store, list);
          const interrupted: Around = async (call, work) => {
            await s.schedule(Promise.resolve(), call);
            const answer = await work();
            if (call.startsWith('append') && losses.shift()) throw new StoreUnavailable('The answer was lost');
            return answer;
          };
          const owner = async () => {
            const inbox = inboxOn(eventsThrough(interrupted, store));
            for (const command of commands) {
              for (let done = false; !done;) {
                await inbox.act(command, 1).then(
                  () => (done = true),
                  (error: unknown) => {
                    if (!(error instanceof StoreUnavailable)) throw error;
                  },
                );
              }
            }
          };
          await s.waitFor(Promise.all([owner(), owner()]));
          await expectOneOutcomeEach(store, commands);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is one, at whichever calls its owners die one after the other', async () => {
    const death = fc.record({ at: fc.nat(25), when: fc.constantFrom('before' as const, 'after' as const) });
    await fc.assert(
      fc.asyncProperty(someCommands, fc.array(death, { maxLength: 2 }), async (list, deaths) => {
        const [events, documents] = [new MemoryEventStore(), new MemoryDocumentStore()];
        const commands = await sent(events, list);
        const begin = async (around: Around) => {
          const through = eventsThrough(around, events);
          const process = await ReadingProcess.open(
            { events: through, documents: documentsThrough(around, documents) },
            { leaseMs: 20 },
          );
          processes.push(process);
          return process.follow('commands.shelf', new EffectConsumer(inboxOn(through)), 'beginning', 'commands');
        };
        for (const { at, when } of deaths) {
          const { around, dead } = mortal(dyingAt(at, when));
          const reader = await begin(around).catch(() => undefined);
          await until('it has died, or has nothing more to do', async () => {
            return dead() || !reader || reader.reached.now === (await events.head()).position;
          });
        }
        const last = await begin((_, work) => work());
        await until('the last one took all', async () => last.reached.now === (await events.head()).position);
        await expectOneOutcomeEach(events, commands);
        await Promise.all(processes.splice(0).map((process) => process.stop()));
      }),
      { numRuns: 4 },
    );
  });

  it('is that of the owner that was first where the other one had decided to refuse and stood still', async () => {
    const store = new MemoryEventStore();
    const [command] = await sent(store, [{ name: 'shelf.take', amount: 3 }]);
    const [standing, going] = [gate(), gate()];
    const still = inboxOn(
      eventsThrough(async (call, work) => {
        if (call.startsWith('append')) {
          standing.open();
          await going.opened;
        }
        return work();
      }, store),
    );
    const refusing = still.act(command!, 1);
    await standing.opened;
    await new Repository(shelf, store).transact('1', () => event(Changed, { by: 5 }));
    await inboxOn(store).act(command!, 1);
    going.open();
    await refusing;
    const types = (await wholeLog(store)).map(({ type }) => type);
    expect(types).toEqual(['shelf.take', 'shelf.changed', 'shelf.changed']);
  });

  it('is the refusal that an older version recorded in a stream of its own', async () => {
    const store = new MemoryEventStore();
    const [command] = await sent(store, [{ name: 'shelf.put', amount: 3 }]);
    const id = deterministicId('refusal', command!.id);
    await appendOnce(store, 'gesta.refusal', { id, type: 'gesta.command-refused', version: 1, headers: {}, data: {} });
    await inboxOn(store).act(command!, 1);
    expect((await wholeLog(store)).map(({ type }) => type)).toEqual(['shelf.put', 'gesta.command-refused']);
  });
});
