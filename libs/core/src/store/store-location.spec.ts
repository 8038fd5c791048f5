import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memory } from '../memory/memory-adapter.js';
import type { StoreAdapter } from './store-adapter.js';
import { locateStore, sharedSchemes, type StoreKind, type StoreLocation } from './store-location.js';

const unused = () => Promise.reject(new Error('Nothing is opened here'));
const sqlite: StoreAdapter = {
  scheme: 'sqlite',
  example: 'sqlite:./data/gesta.db',
  openEventStore: unused,
  openDocumentStore: unused,
};
const esdb: StoreAdapter = {
  scheme: 'esdb',
  aliases: ['kurrentdb'],
  example: 'esdb://localhost:2113',
  openEventStore: unused,
};
const mongodb: StoreAdapter = { scheme: 'mongodb', example: 'mongodb://localhost/gesta', openDocumentStore: unused };
const ALL = [sqlite, esdb, mongodb, memory()];

const VARIABLES = { events: 'GESTA_EVENTS_URL', documents: 'GESTA_DOCUMENTS_URL' } as const;

/** The location, or what is wrong. */
function located(kind: StoreKind, adapters: readonly StoreAdapter[], url?: string, shared?: StoreLocation) {
  const problems: string[] = [];
  const variable = VARIABLES[kind];
  const known = { adapters, url, source: variable, variable, shared };
  const location = locateStore(kind, known, (problem) => problems.push(problem));
  expect(problems).toHaveLength(location ? 0 : 1);
  return location ?? problems[0]!;
}
const urlOf = (location: StoreLocation | string) => (typeof location === 'string' ? location : location.url);
const holds = (adapter: StoreAdapter, kind: StoreKind) =>
  (kind === 'events' ? adapter.openEventStore : adapter.openDocumentStore) !== undefined;

describe('a store', () => {
  it.each([
    ['events', 'sqlite:./gesta.db', sqlite],
    ['documents', 'SQLite:./gesta.db', sqlite],
    ['events', 'kurrentdb://host', esdb],
    ['events', 'esdb+discover://host', esdb],
    ['documents', 'MongoDB+srv://cluster/db', mongodb],
  ] as const)('for %s at %s is opened by the adapter of the scheme', (kind, url, adapter) => {
    expect(located(kind, ALL, url)).toEqual({ adapter, url, source: `by ${VARIABLES[kind]}` });
  });

  it('is opened by the adapter that has the very name of the scheme, before the one of its first part', () => {
    const srv = { ...mongodb, scheme: 'mongodb+srv' };
    for (const adapters of [
      [mongodb, srv],
      [srv, mongodb],
    ]) {
      expect(located('documents', adapters, 'mongodb+srv://cluster/db')).toMatchObject({ adapter: srv });
      expect(located('documents', adapters, 'mongodb://host/db')).toMatchObject({ adapter: mongodb });
    }
  });

  it('is the embedded one when nothing is said, or what there is in memory', () => {
    for (const kind of ['events', 'documents'] as const) {
      const embedded = { adapter: sqlite, url: 'sqlite:./data/gesta.db', source: 'by default' };
      expect(located(kind, [memory(), mongodb, esdb, sqlite])).toEqual(embedded);
      expect(located(kind, ALL, '')).toEqual(embedded);
      expect(located(kind, [memory()])).toMatchObject({ url: 'memory:', source: 'by default' });
    }
    expect(located('documents', [esdb, memory()])).toMatchObject({ url: 'memory:' });
    expect(located('documents', [memory(), mongodb])).toMatch(/^No URL for the documents: set GESTA_DOCUMENTS_URL/);
  });

  it('is the one of the other kind of data where nothing is said and it holds both', () => {
    const shared = { adapter: sqlite, url: 'sqlite:./own.db', source: 'by GESTA_EVENTS_URL' };
    expect(located('documents', ALL, undefined, shared)).toEqual({ ...shared, source: 'where the events are' });
    const eventsOnly = { adapter: esdb, url: 'esdb://host', source: 'by GESTA_EVENTS_URL' };
    expect(urlOf(located('documents', ALL, undefined, eventsOnly))).toBe('sqlite:./data/gesta.db');
    expect(urlOf(located('documents', ALL, 'mongodb://host/db', shared))).toBe('mongodb://host/db');
  });
});

describe('a store is refused', () => {
  const toSqlite = 'set it to sqlite:./data/gesta.db';
  const eventStores = 'sqlite() of @gesta/sqlite or eventStoreDB() of @gesta/eventstoredb';
  it.each<[string, StoreKind, StoreAdapter[], string | undefined, string]>([
    [
      'where its adapter is known and missing',
      'documents',
      [sqlite],
      'mongodb+srv://host/db',
      `GESTA_DOCUMENTS_URL is 'mongodb+srv://host/db': add mongoDB() of @gesta/mongodb to the adapters, or ${toSqlite}`,
    ],
    [
      'where its adapter is known and missing by another of its names',
      'events',
      [mongodb],
      'kdb://host',
      "GESTA_EVENTS_URL is 'kdb://host': add eventStoreDB() of @gesta/eventstoredb to the adapters",
    ],
    [
      'where nobody knows the scheme',
      'documents',
      [sqlite, mongodb],
      'redis://host',
      `GESTA_DOCUMENTS_URL is 'redis://host': no adapter opens 'redis:'; ${toSqlite} or mongodb://localhost/gesta`,
    ],
    [
      'where the scheme was left out',
      'events',
      [esdb],
      'localhost:2113',
      "GESTA_EVENTS_URL is 'localhost:2113': no adapter opens 'localhost:'; set it to esdb://localhost:2113",
    ],
    [
      'where it is a path',
      'events',
      ALL,
      './x.db',
      `GESTA_EVENTS_URL is './x.db': that is no URL; ${toSqlite}, esdb://localhost:2113 or memory:`,
    ],
    [
      'where its adapter is given and does not hold this',
      'events',
      [sqlite, mongodb],
      'mongodb://host/db',
      `GESTA_EVENTS_URL is 'mongodb://host/db': 'mongodb:' holds no events; ${toSqlite}`,
    ],
    [
      'where its adapter is missing and would not hold this',
      'events',
      [sqlite],
      'mongodb://host/db',
      `GESTA_EVENTS_URL is 'mongodb://host/db': 'mongodb:' holds no events; ${toSqlite}`,
    ],
    [
      'where no adapter holds this',
      'events',
      [mongodb],
      'mongodb://host/db',
      `GESTA_EVENTS_URL is 'mongodb://host/db': 'mongodb:' holds no events; add ${eventStores} to the adapters, and set it to a URL of theirs`,
    ],
    [
      'where nothing is said and no adapter holds this',
      'events',
      [mongodb],
      undefined,
      `No adapter holds events: add ${eventStores} to the adapters`,
    ],
    [
      'where nothing is said and the servers are somewhere',
      'documents',
      [esdb, mongodb],
      undefined,
      'No URL for the documents: set GESTA_DOCUMENTS_URL to mongodb://localhost/gesta',
    ],
    [
      'where there is a login and no scheme',
      'events',
      [sqlite],
      'ada:s3cr3t@host',
      `GESTA_EVENTS_URL is '***@host': that is no URL; ${toSqlite}`,
    ],
  ])('%s', (_, kind, adapters, url, problem) => {
    expect(located(kind, adapters, url)).toBe(problem);
  });
});

describe('whatever is said', () => {
  const kind = fc.constantFrom<StoreKind>('events', 'documents');
  const adapters = fc.shuffledSubarray(ALL);
  const scheme = fc.constantFrom(
    'sqlite',
    'ESDB',
    'esdb+discover',
    'kurrentdb',
    'mongodb+srv',
    'memory',
    'redis',
    'ada',
  );
  const url = fc.oneof(
    fc.string(),
    fc.tuple(scheme, fc.constantFrom(':', '://', '//', ''), fc.string()).map((parts) => parts.join('')),
  );

  it('the adapter holds what it is for and opens the URL, and the order of adapters changes nothing', () => {
    fc.assert(
      fc.property(kind, adapters, fc.option(url, { nil: undefined }), (kind, adapters, url) => {
        const location = located(kind, adapters, url);
        const again = located(kind, adapters.toReversed(), url);
        if (typeof location === 'string') return void expect(typeof again).toBe('string');
        expect(again).toEqual(location);
        expect(adapters).toContain(location.adapter);
        expect(holds(location.adapter, kind)).toBe(true);
        const name = location.url.toLowerCase().split(/[:+]/, 1)[0];
        expect([location.adapter.scheme, ...(location.adapter.aliases ?? [])]).toContain(name);
        if (url) expect(location.url).toBe(url);
      }),
    );
  });

  it('doing what a refusal says is a way out', () => {
    const adapterNamed = { sqlite, eventStoreDB: esdb, mongoDB: mongodb, memory: memory() };
    fc.assert(
      fc.property(kind, adapters, fc.option(url, { nil: undefined }), (kind, adapters, url) => {
        const problem = located(kind, adapters, url);
        if (typeof problem !== 'string') return;
        const toSet = /set (?:it|GESTA_\w+) to ([a-z]+:\S*?)(?:, | or |$)/.exec(problem)?.[1];
        if (toSet !== undefined) expect(located(kind, adapters, toSet)).toMatchObject({ url: toSet });
        const toAdd = /add (\w+)\(\) of/.exec(problem)?.[1];
        if (toAdd !== undefined) {
          const added = adapterNamed[toAdd as keyof typeof adapterNamed];
          const set = problem.endsWith('a URL of theirs') ? added.example : url || added.example;
          expect(located(kind, [...adapters, added], set)).toMatchObject({ adapter: added });
        }
        expect(toSet ?? toAdd).toBeDefined();
      }),
    );
  });

  it('who logs in is told to nobody', () => {
    // No slashes in the name: what stands before `://` is a scheme.
    const name = fc.stringMatching(/^[A-Z0-9:?#@+]{0,10}$/).map((text) => `S3CR3T${text}`);
    const password = fc.stringMatching(/^[A-Z0-9:/?#@+]{0,10}$/).map((text) => `S3CR3T${text}`);
    const before = fc.constantFrom('', 'esdb://', 'mongodb:', 'mongodb+srv://', 'redis://', 'sqlite//', '://', ' ');
    fc.assert(
      fc.property(kind, adapters, before, name, password, (kind, adapters, before, name, password) => {
        const problem = located(kind, adapters, `${before}${name}:${password}@host/db`);
        if (typeof problem === 'string') expect(problem.toUpperCase()).not.toContain('S3CR3T');
      }),
    );
  });
});

describe('sharedSchemes', () => {
  it('are those that two adapters open, by whatever name', () => {
    const kurrent = { ...esdb, scheme: 'kurrentdb', aliases: [] };
    expect(sharedSchemes([sqlite, esdb, kurrent, sqlite, sqlite])).toEqual(['kurrentdb', 'sqlite']);
    expect(sharedSchemes([...ALL, { ...kurrent, scheme: 'x', aliases: ['x', 'y', 'y'] }])).toEqual([]);
  });
});
