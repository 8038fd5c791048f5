import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { event } from '../events/domain-event.js';
import { Event } from '../events/event.decorator.js';
import type { EventHeaders, StreamMetadata } from '../events/recorded-event.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { aggregateDefinition } from './aggregate-definition.js';
import { Aggregate, Apply } from './aggregate.decorator.js';
import { Repository, type Commit } from './repository.js';

@Event('notes.written')
class Written {
  readonly note!: unknown;
}

/** Keeps all that its fold is shown. */
@Aggregate({ category: 'notes.book', id: 'bookId' })
class Notebook {
  notes: unknown[] = [];
  seen: StreamMetadata[] = [];

  @Apply(Written)
  written(written: Written, meta: StreamMetadata) {
    this.notes.push(written.note);
    this.seen.push(meta);
  }
}

class Money {
  constructor(
    readonly amount: number,
    readonly currency?: string,
  ) {}
  get inWords() {
    return `${this.amount} ${this.currency}`;
  }
}

class Temperature {
  constructor(private readonly kelvin: number) {}
  toJSON() {
    return { celsius: this.kelvin - 273 };
  }
}

function opened(committed?: (commit: Commit) => void) {
  const store = new MemoryEventStore();
  const books = new Repository(aggregateDefinition(Notebook), store, { committed });
  const inMemory = async () => {
    let kept: unknown;
    await books.transact('1', (book) => void (kept = structuredCloneOf(book)));
    return kept;
  };
  const reloaded = async () => structuredCloneOf((await books.load('1')).aggregate);
  return { books, inMemory, reloaded };
}

/** The fields as they are, `undefined` and all, apart from the object itself. */
function structuredCloneOf({ notes, seen }: Notebook) {
  return structuredClone({ notes, seen });
}

describe('the state in memory after a decision', () => {
  it('equals the state after a reload, whatever the events hold', async () => {
    const classInstances = fc
      .tuple(fc.integer(), fc.option(fc.string(), { nil: undefined }))
      .map(([amount, currency]) => new Money(amount, currency));
    const note: fc.Arbitrary<unknown> = fc.oneof(
      fc.jsonValue(),
      fc.date({ noInvalidDate: true }),
      classInstances,
      fc.nat().map((kelvin) => new Temperature(kelvin)),
      fc.constantFrom(undefined, -0, { nothing: undefined }, [{ a: new Date(0), b: [new Money(1)] }]),
      fc.dictionary(fc.string(), fc.oneof(fc.jsonValue(), classInstances, fc.constant(undefined))),
    );
    const command = fc.record({
      notes: fc.array(note, { minLength: 1, maxLength: 3 }),
      commandId: fc.option(fc.uuid(), { nil: undefined }),
      headers: fc.record({
        userId: fc.option(fc.string(), { nil: undefined }),
        region: fc.option(fc.array(fc.string()), { nil: undefined }),
      }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(command, { minLength: 1, maxLength: 4 }), async (commands) => {
        const { books, inMemory, reloaded } = opened();
        for (const { notes, ...context } of commands) {
          await books.transact('1', () => notes.map((each) => event(Written, { note: each })), context);
        }
        expect(await inMemory()).toStrictEqual(await reloaded());
      }),
      { numRuns: 150 },
    );
  });

  it('equals it also where the decision states what the aggregate holds', async () => {
    @Aggregate({ category: 'notes.book', id: 'bookId', events: [] })
    class Draft {
      lines: unknown[] = [];
      fairCopy: unknown[] = [];

      @Apply(Written)
      written({ note }: Written) {
        if (Array.isArray(note)) this.fairCopy = note;
        else this.lines.push(note);
      }
    }
    const store = new MemoryEventStore();
    const commits: Commit[] = [];
    const drafts = new Repository(aggregateDefinition(Draft), store, { committed: (commit) => commits.push(commit) });
    await drafts.transact('1', () => event(Written, { note: 'one' }));
    await drafts.transact('1', ({ lines }) => [event(Written, { note: 'two' }), event(Written, { note: lines })]);
    await drafts.transact('1', () => event(Written, { note: 'three' }));
    const { aggregate } = await drafts.load('1');
    expect(aggregate).toMatchObject({ lines: ['one', 'two', 'three'], fairCopy: ['one'] });
    await drafts.transact('1', (draft) => void expect(draft).toEqual(aggregate));
    expect(commits[1]!.events.map(({ data }) => data)).toEqual([{ note: 'two' }, { note: ['one'] }]);
  });

  it('is out of reach of whoever gave the command or hears of the events', async () => {
    const heard: { note: string[] }[] = [];
    const { books, inMemory, reloaded } = opened(({ events, headers }) => {
      heard.push(...events.map(({ data }) => data as { note: string[] }));
      headers.userId = 'somebody else';
    });
    const note = ['as it was'];
    const headers: EventHeaders = { userId: 'u1', roles: ['reader'] };
    await books.transact('1', () => event(Written, { note }), { headers });
    note.push('changed by the caller');
    (headers.roles as string[]).push('changed by the caller');
    heard[0]!.note.push('changed by a listener');
    expect(await inMemory()).toStrictEqual(await reloaded());
    expect((await books.load('1')).aggregate.notes).toEqual([['as it was']]);
  });

  it('equals it while the command changes under a check that takes its time', async () => {
    const store = new MemoryEventStore();
    const [begun, checking] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const validate = () => {
      begun.resolve();
      return checking.promise;
    };
    const books = new Repository(aggregateDefinition(Notebook), store, { validate });
    const note = ['as it was decided'];
    const written = books.transact('1', () => [event(Written, { note }), event(Written, { note: 1 })]);
    await begun.promise;
    note.push('later');
    checking.resolve();
    await written;
    expect((await books.load('1')).aggregate.notes).toEqual([['as it was decided'], 1]);
  });
});
