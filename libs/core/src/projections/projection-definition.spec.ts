import { describe, expect, it } from '@jest/globals';
import { DefinitionError } from '../events/definition-error.js';
import { Event } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { EventMetadata, RecordedEvent } from '../events/recorded-event.js';
import { projectionDefinition } from './projection-definition.js';
import { Project, Projection, type Keys } from './projection.decorator.js';

/** What a DefinitionError says; any other error is a failure of the test. */
function definitionErrorOf(call: () => unknown): string {
  try {
    call();
  } catch (error) {
    if (error instanceof DefinitionError) return error.message;
    throw error;
  }
  throw new Error('It was not refused');
}

@Event('library.lent', {
  version: 2,
  aliases: ['library.borrowed'],
  upcast: { 1: ({ reader }: { reader: string }) => ({ readers: [reader] }) },
})
class Lent {
  readonly readers!: string[];
}
@Event('library.returned')
class Returned {}
@Event('library.moved')
class Moved {
  readonly to!: Keys | number | null | readonly (string | number)[];
}
@Event('library.weighed')
class Weighed {
  readonly answer!: unknown;
}

interface Loan {
  readers: string[];
  at?: string;
}

@Projection({ name: 'loans', version: 3, indexes: [{ readers: 1 }] })
class Loans {
  prefix = 'at ';

  @Project(Lent)
  lent({ readers }: Lent, before: Loan | undefined, { streamId }: EventMetadata): Loan {
    return { readers: [...(before?.readers ?? []), ...readers], at: this.prefix + streamId };
  }

  @Project(Returned, (_event, { headers }) => headers.userId)
  returned() {
    return undefined;
  }

  @Project(Moved, ({ to }) => to as Keys)
  moved(_event: Moved, before: Loan | undefined) {
    return before;
  }

  @Project(Weighed)
  weighed({ answer }: Weighed): object | undefined {
    return answer as object;
  }
}

const recorded = (type: string, data: object, more: Partial<RecordedEvent> = {}): RecordedEvent => ({
  id: '7d2c1a90-0000-4000-8000-000000000001',
  type,
  version: 1,
  streamId: 'library.book-moby-dick',
  revision: 3,
  position: 42n,
  recordedAt: new Date(0),
  commandId: undefined,
  headers: {},
  data: data as JsonObject,
  ...more,
});

describe('projectionDefinition', () => {
  const definition = projectionDefinition(Loans, new Loans());

  it('says what the class declared', () => {
    expect(definition).toMatchObject({ name: 'loans', version: 3, indexes: [{ readers: 1 }] });
  });

  it('is version 1 and has no indexes where the class says nothing else', () => {
    @Projection({ name: 'plain' })
    class Plain {
      @Project(Returned)
      returned() {
        return {};
      }
    }
    expect(projectionDefinition(Plain, new Plain())).toMatchObject({ version: 1, indexes: [] });
  });

  it('reads the events that it projects, under every name they have had', () => {
    expect(definition.filter).toEqual({
      types: ['library.lent', 'library.borrowed', 'library.returned', 'library.moved', 'library.weighed'],
    });
  });

  it('reads whole categories where the class names some', () => {
    @Projection({ name: 'books', categories: ['library.book', 'library.map'] })
    class Books extends Loans {}
    expect(projectionDefinition(Books, new Books()).filter).toEqual({ categories: ['library.book', 'library.map'] });
  });

  it('lifts events of older names and versions', () => {
    const { data, type } = definition.registry.lift(recorded('library.borrowed', { reader: 'ada' }));
    expect({ data, type }).toEqual({ type: 'library.lent', data: { readers: ['ada'] } });
  });

  it('declares what is no projection to be none', () => {
    class Plain {}
    expect(definitionErrorOf(() => projectionDefinition(Plain, new Plain()))).toBe(
      'Plain is no projection: decorate it with @Projection({ name })',
    );
  });

  it('refuses a second @Projection on one class', () => {
    expect(definitionErrorOf(() => Projection({ name: 'again' })(Loans))).toBe('Loans is declared a projection twice');
  });

  it('refuses a name that could not name a collection', () => {
    for (const name of ['', 'Loans', '1st', 'my loans', 'loans-', '-loans', 'loans..all', 'lo_ans', 'x'.repeat(81)]) {
      @Projection({ name })
      class Named extends Loans {}
      expect(definitionErrorOf(() => projectionDefinition(Named, new Named()))).toBe(
        `Named: '${name}' is no name; use small letters, digits, dots and dashes, such as 'order-summary', at most 80 characters`,
      );
    }
    for (const name of ['x', 'loans.2-all', 'x'.repeat(80)]) {
      @Projection({ name })
      class Named extends Loans {}
      expect(projectionDefinition(Named, new Named()).name).toBe(name);
    }
  });

  it('refuses a version that is no whole number from 1', () => {
    for (const version of [0, -1, 1.5, NaN]) {
      @Projection({ name: 'versioned', version })
      class Versioned extends Loans {}
      expect(definitionErrorOf(() => projectionDefinition(Versioned, new Versioned()))).toBe(
        `Versioned: a projection's version is a whole number from 1, not ${version}`,
      );
    }
  });

  it('refuses categories that cannot be, or that are none', () => {
    @Projection({ name: 'dashed', categories: ['library.book', 'library-map'] })
    class Dashed extends Loans {}
    expect(definitionErrorOf(() => projectionDefinition(Dashed, new Dashed()))).toBe(
      "Dashed: 'library-map' is no category: use letters, digits, dots and underscores, no dash",
    );
    @Projection({ name: 'empty', categories: [] })
    class Empty extends Loans {}
    expect(definitionErrorOf(() => projectionDefinition(Empty, new Empty()))).toBe(
      'Empty reads no category: name some, or leave `categories` out to read by event types',
    );
  });

  it('refuses a class that projects nothing', () => {
    @Projection({ name: 'idle' })
    class Idle {}
    expect(definitionErrorOf(() => projectionDefinition(Idle, new Idle()))).toBe(
      'Idle projects nothing: it has no @Project method',
    );
  });

  it('refuses two methods that project one event', () => {
    @Projection({ name: 'twice' })
    class Twice {
      @Project(Lent)
      lent() {
        return {};
      }
      @Project(Lent)
      lentToo() {
        return {};
      }
    }
    expect(definitionErrorOf(() => projectionDefinition(Twice, new Twice()))).toBe(
      'Twice projects library.lent twice: in lent and in lentToo',
    );
  });

  it('refuses two events of one name, and what is no event', () => {
    @Event('library.borrowed')
    class Borrowed {}
    @Projection({ name: 'confused' })
    class Confused extends Loans {
      @Project(Borrowed)
      borrowed() {
        return {};
      }
    }
    expect(definitionErrorOf(() => projectionDefinition(Confused, new Confused()))).toBe(
      "Both Lent and Borrowed are named 'library.borrowed'",
    );
    class Plain {}
    @Projection({ name: 'plain' })
    class OfPlain {
      @Project(Plain)
      plain() {
        return {};
      }
    }
    expect(definitionErrorOf(() => projectionDefinition(OfPlain, new OfPlain()))).toBe(
      "Plain is no event: decorate it with @Event('context.name')",
    );
  });

  it('inherits what its parent projects, and may project it another way', () => {
    @Projection({ name: 'child' })
    class Child extends Loans {
      override prefix = 'child of ';

      @Project(Returned, () => ['one', 'other'])
      override returned() {
        return undefined;
      }
    }
    const child = projectionDefinition(Child, new Child());
    expect(child.fold(recorded('library.lent', { readers: ['ada'] }), undefined, 'moby-dick')).toEqual({
      readers: ['ada'],
      at: 'child of library.book-moby-dick',
    });
    expect(child.keysOf(recorded('library.returned', {}))).toEqual(['one', 'other']);
    expect(definition.keysOf(recorded('library.returned', {}, { headers: { userId: 'u' } }))).toEqual(['u']);
  });

  it('is no projection when only its parent is declared one', () => {
    class Undeclared extends Loans {}
    expect(() => projectionDefinition(Undeclared, new Undeclared())).toThrow('Undeclared is no projection');
  });
});

describe('the keys of an event', () => {
  const { keysOf } = projectionDefinition(Loans, new Loans());
  const keysFor = (to: Moved['to']) => keysOf(recorded('library.moved', { to }));

  it('default to the id part of its stream, dashes and all', () => {
    expect(keysOf(recorded('library.lent', {}))).toEqual(['moby-dick']);
  });

  it('may come from its data or its metadata', () => {
    expect(keysFor('shelf')).toEqual(['shelf']);
    expect(keysOf(recorded('library.returned', {}, { headers: { userId: 'ada' } }))).toEqual(['ada']);
  });

  it('may be several, each once, or none', () => {
    expect(keysFor(['a', 'b', 'a'])).toEqual(['a', 'b']);
    for (const none of [[], undefined, null]) expect(keysFor(none)).toEqual([]);
  });

  it('are none for an event that is not projected', () => {
    expect(keysOf(recorded('library.burnt', {}))).toEqual([]);
  });

  it('are strings that are not empty', () => {
    expect(() => keysFor('')).toThrow(new TypeError('A key for library.moved is a string that is not empty, not '));
    expect(() => keysFor(['a', 5])).toThrow(
      new TypeError('A key for library.moved is a string that is not empty, not 5'),
    );
    expect(() => keysFor(5)).toThrow(
      new TypeError('The key for library.moved is a string, an array of strings or undefined'),
    );
  });
});

describe('the fold of a projection', () => {
  const { fold } = projectionDefinition(Loans, new Loans());
  const folding = (answer: unknown) => () =>
    fold({ ...recorded('library.weighed', {}), data: { answer } as JsonObject }, {}, 'key');

  it('gives the document after the event, from the one before', () => {
    const once = fold(recorded('library.lent', { readers: ['ada'] }), undefined, 'key');
    expect(once).toEqual({ readers: ['ada'], at: 'at library.book-moby-dick' });
    expect(fold(recorded('library.lent', { readers: ['bob'] }), once, 'key')).toMatchObject({
      readers: ['ada', 'bob'],
    });
  });

  it('gives nothing where the document is deleted', () => {
    expect(fold(recorded('library.returned', {}), { readers: [] }, 'key')).toBeUndefined();
    expect(folding(null)()).toBeUndefined();
  });

  it('gives documents as JSON', () => {
    expect(folding({ at: new Date(0), gone: undefined })()).toEqual({ at: '1970-01-01T00:00:00.000Z' });
    expect(folding({ pages: NaN })).toThrow('pages is NaN, which JSON cannot hold');
  });

  it('refuses what is no document', () => {
    for (const answer of ['text', 5, true, [], Promise.resolve({})]) {
      expect(folding(answer)).toThrow(
        new TypeError('Loans.weighed returns a document, an object, or undefined to delete it'),
      );
    }
  });
});
