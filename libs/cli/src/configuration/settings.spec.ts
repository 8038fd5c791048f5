import { memory, type StoreAdapter } from '@gesta/core';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationProblem } from './configuration-problem.js';
import type { GestaConfig } from './gesta-config.js';
import { settingsOf } from './settings.js';

const unused = () => Promise.reject(new Error('Nothing is opened here'));
const sqlite: StoreAdapter = {
  scheme: 'sqlite',
  example: 'sqlite:./data/gesta.db',
  openEventStore: unused,
  openDocumentStore: unused,
};
const esdb: StoreAdapter = { scheme: 'esdb', example: 'esdb://localhost:2113', openEventStore: unused };
const mongodb: StoreAdapter = { scheme: 'mongodb', example: 'mongodb://localhost/gesta', openDocumentStore: unused };

const file = '/app/gesta.config.js';
const urls = (config: GestaConfig, env: Record<string, string> = {}) => {
  const { events, documents } = settingsOf(config, file, env);
  return [events.url, documents.url];
};
const problemsOf = (config: GestaConfig, env: Record<string, string> = {}) => {
  try {
    settingsOf(config, file, env);
  } catch (error) {
    if (error instanceof ConfigurationProblem) return error.problems;
    throw error;
  }
  return [];
};

describe('the stores', () => {
  it('are those that the file names, before those of the environment', () => {
    const adapters = [sqlite, esdb, mongodb];
    const env = { GESTA_EVENTS_URL: 'esdb://env', GESTA_DOCUMENTS_URL: 'mongodb+srv://env/gesta' };
    expect(urls({ adapters }, env)).toEqual(['esdb://env', 'mongodb+srv://env/gesta']);
    expect(urls({ adapters, events: 'esdb://file', documents: 'mongodb://file/gesta' }, env)).toEqual([
      'esdb://file',
      'mongodb://file/gesta',
    ]);
  });

  it('are opened by whoever knows the scheme by another name', () => {
    const kurrent = { ...esdb, aliases: ['kurrentdb'] };
    for (const url of ['kurrentdb://host', 'kurrentdb+discover://cluster']) {
      expect(urls({ adapters: [sqlite, kurrent], events: url })[0]).toBe(url);
    }
  });

  it('are the embedded one when nothing is said', () => {
    expect(urls({ adapters: [mongodb, sqlite] })).toEqual(['sqlite:/app/data/gesta.db', 'sqlite:/app/data/gesta.db']);
    expect(urls({ adapters: [sqlite] }, { GESTA_EVENTS_URL: '' })[0]).toBe('sqlite:/app/data/gesta.db');
  });

  it('are one where the event store holds documents too', () => {
    expect(urls({ adapters: [sqlite, memory()], events: 'memory:' })).toEqual(['memory:', 'memory:']);
    expect(urls({ adapters: [sqlite, esdb], events: 'esdb://host' })[1]).toBe('sqlite:/app/data/gesta.db');
  });

  it("are found from the file's folder, wherever the URL comes from", () => {
    const adapters = [sqlite];
    expect(urls({ adapters, events: 'sqlite:../x.db' })[0]).toBe('sqlite:/x.db');
    expect(urls({ adapters }, { GESTA_EVENTS_URL: 'sqlite:x.db' })[0]).toBe('sqlite:/app/x.db');
    expect(urls({ adapters, events: 'sqlite:/var/x.db' })[0]).toBe('sqlite:/var/x.db');
    expect(urls({ adapters, events: 'sqlite::memory:' })[0]).toBe('sqlite::memory:');
  });
});

describe('a configuration is refused', () => {
  it('with all that is wrong at once, and what to set', () => {
    const env = {
      GESTA_EVENTS_URL: 'esdb://admin:s3cr3t@host',
      GESTA_DOCUMENTS_URL: 'gesta.db',
      GESTA_UNKNOWN_EVENTS: 'ignore',
    };
    expect(problemsOf({ adapters: [sqlite] }, env)).toEqual([
      "GESTA_EVENTS_URL is 'esdb://***@host': add eventStoreDB() of @gesta/eventstoredb to the adapters, or set it to sqlite:./data/gesta.db",
      "GESTA_DOCUMENTS_URL is 'gesta.db': that is no URL; set it to sqlite:./data/gesta.db",
      "GESTA_UNKNOWN_EVENTS is 'ignore': set it to fail, park or skip",
    ]);
  });

  it('when no adapter can hold what there is', () => {
    expect(problemsOf({ adapters: [esdb] })).toEqual([
      'No URL for the events: set GESTA_EVENTS_URL to esdb://localhost:2113',
      'No adapter holds documents: add sqlite() of @gesta/sqlite or mongoDB() of @gesta/mongodb to the adapters',
    ]);
  });
});
