import { describe, expect, it } from '@jest/globals';
import { memory, type StoreAdapter } from '@gesta/core';
import type { GestaModuleOptions } from '../module/gesta-module-options.js';
import { ConfigurationError } from './configuration-error.js';
import { checkedSettings, type Environment } from './settings.js';

function adapter(scheme: string, example: string, ...holds: ('events' | 'documents')[]): StoreAdapter {
  const unused = () => Promise.reject(new Error('Nothing is opened here'));
  return {
    scheme,
    example,
    ...(holds.includes('events') && { openEventStore: unused }),
    ...(holds.includes('documents') && { openDocumentStore: unused }),
  };
}
const sqlite = adapter('sqlite', 'sqlite:./data/gesta.db', 'events', 'documents');
const esdb = adapter('esdb', 'esdb://localhost:2113?tls=false', 'events');
const mongodb = adapter('mongodb', 'mongodb://localhost/gesta', 'documents');

const urls = (options: GestaModuleOptions, environment: Environment = {}) => {
  const { events, documents } = checkedSettings(options, environment);
  return { events: events.url, documents: documents.url };
};

function problemsOf(options: GestaModuleOptions, environment: Environment = {}): readonly string[] {
  try {
    checkedSettings(options, environment);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('the stores', () => {
  it('are those that the options name, before those of the environment', () => {
    const environment = { GESTA_EVENTS_URL: 'sqlite:./env.db', GESTA_DOCUMENTS_URL: 'mongodb://env/gesta' };
    const adapters = [sqlite, esdb, mongodb];
    expect(urls({ adapters }, environment)).toEqual({ events: 'sqlite:./env.db', documents: 'mongodb://env/gesta' });
    expect(urls({ adapters, events: 'esdb://localhost', documents: 'sqlite:./own.db' }, environment)).toEqual({
      events: 'esdb://localhost',
      documents: 'sqlite:./own.db',
    });
  });

  it('are opened by whoever knows the scheme by another name', () => {
    const kurrent = { ...esdb, aliases: ['kurrentdb'] };
    for (const url of ['kurrentdb://localhost', 'kurrentdb+discover://cluster']) {
      expect(urls({ adapters: [sqlite, kurrent], events: url }).events).toBe(url);
    }
    const twice = { adapters: [kurrent, adapter('kurrentdb', 'kurrentdb://localhost', 'events')] };
    expect(problemsOf(twice)).toContain("Two adapters open 'kurrentdb:' URLs: keep one of them");
  });

  it('are the embedded one when nothing is said', () => {
    const embedded = 'sqlite:./data/gesta.db';
    expect(urls({ adapters: [memory(), sqlite, esdb, mongodb] })).toEqual({ events: embedded, documents: embedded });
    expect(urls({ adapters: [sqlite] }, { GESTA_EVENTS_URL: '' })).toEqual({ events: embedded, documents: embedded });
  });

  it('are in memory when nothing else is there', () => {
    expect(urls({ adapters: [memory()] })).toEqual({ events: 'memory:', documents: 'memory:' });
  });

  it('are one where the event store holds documents too', () => {
    expect(urls({ adapters: [sqlite, memory()], events: 'memory:' }).documents).toBe('memory:');
    expect(urls({ adapters: [sqlite, esdb], events: 'esdb://localhost' }).documents).toBe('sqlite:./data/gesta.db');
  });

  it('are found by the scheme, however it is written', () => {
    const { documents } = checkedSettings({ adapters: [sqlite, mongodb], documents: 'MongoDB+srv://cluster/db' }, {});
    expect(documents.adapter).toBe(mongodb);
  });
});

describe('a configuration is refused', () => {
  it('with all that is wrong with it at once, saying what to set', () => {
    const environment = {
      GESTA_EVENTS_URL: 'esdb://localhost:2113',
      GESTA_DOCUMENTS_URL: 'redis://localhost',
      GESTA_UNKNOWN_EVENTS: 'ignore',
    };
    expect(problemsOf({ adapters: [sqlite, mongodb] }, environment)).toEqual([
      "GESTA_EVENTS_URL is 'esdb://localhost:2113': add eventStoreDB() of @gesta/eventstoredb to the adapters, or set it to sqlite:./data/gesta.db",
      "GESTA_DOCUMENTS_URL is 'redis://localhost': no adapter opens 'redis:'; set it to sqlite:./data/gesta.db or mongodb://localhost/gesta",
      "GESTA_UNKNOWN_EVENTS is 'ignore': set it to fail, park or skip",
    ]);
  });

  it('when a store cannot hold what it should', () => {
    expect(problemsOf({ adapters: [esdb, mongodb], events: 'mongodb://localhost/db' })).toEqual([
      "`events` in GestaModule.forRoot is 'mongodb://localhost/db': 'mongodb:' holds no events; set it to esdb://localhost:2113?tls=false",
      'No URL for the documents: set GESTA_DOCUMENTS_URL to mongodb://localhost/gesta',
    ]);
  });

  it('when it is no URL', () => {
    expect(problemsOf({ adapters: [sqlite], events: './gesta.db', documents: 'sqlite:./gesta.db' })).toEqual([
      "`events` in GestaModule.forRoot is './gesta.db': that is no URL; set it to sqlite:./data/gesta.db",
    ]);
  });

  it('when there are no adapters, or two for one scheme', () => {
    expect(problemsOf({ adapters: [] })).toEqual([
      '`adapters` in GestaModule.forRoot names no store: write `adapters: [sqlite()]`, with sqlite() of @gesta/sqlite',
    ]);
    expect(problemsOf({ adapters: [sqlite, sqlite] })).toEqual(["Two adapters open 'sqlite:' URLs: keep one of them"]);
  });

  it('without showing a password', () => {
    const events = 'esdbs://admin:s3cr3t!@localhost:2113?tls=true&token=s3cr3t!';
    const message = new ConfigurationError(problemsOf({ adapters: [esdb, mongodb], events })).message;
    expect(message).toContain("'esdbs://***@localhost:2113?tls=true&token=***'");
    expect(message).not.toContain('s3cr3t!');
    expect(message).not.toContain('admin');
  });
});
