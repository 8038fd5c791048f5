import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { memory } from '../memory/memory-adapter.js';
import type { UnknownEventPolicy } from '../observability/notice.js';
import type { StoreAdapter } from '../store/store-adapter.js';
import { applicationSettings, type SettingsInCode } from './application-settings.js';

const unused = () => Promise.reject(new Error('Nothing is opened here'));
const sqlite: StoreAdapter = {
  scheme: 'sqlite',
  example: 'sqlite:./data/gesta.db',
  openEventStore: unused,
  openDocumentStore: unused,
};
const mongodb: StoreAdapter = { scheme: 'mongodb', example: 'mongodb://localhost/gesta', openDocumentStore: unused };

const of = (inCode: Omit<SettingsInCode, 'adapters'> & { adapters?: unknown }, environment = {}) =>
  applicationSettings({ adapters: [sqlite, mongodb], ...inCode } as SettingsInCode, environment, 'in the code');

describe('the settings of an application', () => {
  it('are those in code before those of the environment, and say who said so', () => {
    const environment = {
      GESTA_EVENTS_URL: 'sqlite:./env.db',
      GESTA_DOCUMENTS_URL: 'mongodb://env/db',
      GESTA_UNKNOWN_EVENTS: 'skip',
    };
    expect(of({}, environment)).toEqual({
      events: { adapter: sqlite, url: 'sqlite:./env.db', source: 'by GESTA_EVENTS_URL' },
      documents: { adapter: mongodb, url: 'mongodb://env/db', source: 'by GESTA_DOCUMENTS_URL' },
      unknownEvents: 'skip',
    });
    expect(of({ events: 'sqlite:./own.db', unknownEvents: 'fail' }, environment)).toMatchObject({
      events: { url: 'sqlite:./own.db', source: 'by `events` in the code' },
      documents: { url: 'mongodb://env/db' },
      unknownEvents: 'fail',
    });
  });

  it('have both kinds of data in one store where nothing else is said', () => {
    expect(of({ events: 'sqlite:./own.db' })).toMatchObject({
      documents: { url: 'sqlite:./own.db', source: 'where the events are' },
    });
  });

  it('take what is empty for what is not set', () => {
    const empty = { GESTA_EVENTS_URL: '', GESTA_DOCUMENTS_URL: '', GESTA_UNKNOWN_EVENTS: '' };
    expect(of({ events: '', documents: '' }, empty)).toEqual(of({}, {}));
    expect(of({})).toMatchObject({ events: { source: 'by default' }, unknownEvents: undefined });
  });

  it('depend on what is said, not on where it is said', () => {
    const url = fc.constantFrom('', 'sqlite:./x.db', 'memory:', 'mongodb://host/db', 'esdb://host', 'gesta.db');
    const policy = fc.constantFrom('fail', 'park', 'skip', 'ignore');
    fc.assert(
      fc.property(url, url, policy, (events, documents, unknownEvents) => {
        const adapters = [sqlite, mongodb, memory()];
        const inCode = of({ adapters, events, documents, unknownEvents: unknownEvents as UnknownEventPolicy });
        const environment = {
          GESTA_EVENTS_URL: events,
          GESTA_DOCUMENTS_URL: documents,
          GESTA_UNKNOWN_EVENTS: unknownEvents,
        };
        const inEnvironment = JSON.stringify(of({ adapters }, environment))
          .replaceAll('GESTA_EVENTS_URL', '`events` in the code')
          .replaceAll('GESTA_DOCUMENTS_URL', '`documents` in the code')
          .replaceAll('GESTA_UNKNOWN_EVENTS', '`unknownEvents` in the code');
        expect(JSON.parse(inEnvironment)).toEqual(JSON.parse(JSON.stringify(inCode)));
      }),
    );
  });
});

describe('settings are refused', () => {
  it('with all that is wrong at once', () => {
    const environment = { GESTA_EVENTS_URL: 'redis://host', GESTA_UNKNOWN_EVENTS: 'ignore' };
    expect(of({ adapters: [sqlite, mongodb, sqlite], documents: 'gesta.db' }, environment)).toEqual({
      problems: [
        "Two adapters open 'sqlite:' URLs: keep one of them",
        expect.stringMatching(/^GESTA_EVENTS_URL is 'redis:/),
        expect.stringMatching(/^`documents` in the code is 'gesta\.db'/),
        "GESTA_UNKNOWN_EVENTS is 'ignore': set it to fail, park or skip",
      ],
    });
  });

  it.each([undefined, null, [], 'sqlite'])('where %p are the adapters', (adapters) => {
    expect(of({ adapters })).toEqual({
      problems: ['`adapters` in the code names no store: write `adapters: [sqlite()]`, with sqlite() of @gesta/sqlite'],
    });
  });

  it('where the adapters are not called', () => {
    const problem = '`adapters` in the code holds what is no adapter: write `adapters: [sqlite()]`, not `[sqlite]`';
    expect(of({ adapters: [() => sqlite, null] })).toEqual({ problems: [problem] });
    expect(of({ adapters: [mongodb, undefined] })).toEqual({ problems: [problem] });
  });
});
