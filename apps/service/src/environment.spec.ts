import { describe, expect, it } from '@jest/globals';
import { describesApi, environmentFrom, InvalidEnvironment, listeningFrom } from './environment.js';

const problemsOf = (variables: NodeJS.ProcessEnv) => {
  try {
    environmentFrom(variables);
    return [];
  } catch (error) {
    return (error as InvalidEnvironment).problems;
  }
};

describe('environmentFrom', () => {
  it('needs nothing to be set', () => {
    expect(environmentFrom({})).toEqual({ port: 3000, host: '127.0.0.1', data: 'sqlite:./data/gesta.db' });
  });

  it('takes what is set', () => {
    expect(environmentFrom({ PORT: '8080', HOST: '::1', GESTA_EVENTS_URL: 'memory:' })).toEqual({
      port: 8080,
      host: '::1',
      data: 'memory:',
    });
  });

  it.each(['', 'http', '-1', '65536', '3000.5', '1e3', ' 3000'])(
    "refuses the port '%s' and says what to set",
    (port) => {
      expect(problemsOf({ PORT: port })).toEqual([
        `PORT is '${port}': set it to a number from 0 to 65535, such as 3000`,
      ]);
    },
  );

  it('listens elsewhere when the service says so', () => {
    expect(environmentFrom({}, 3010).port).toBe(3010);
    expect(environmentFrom({ PORT: '1' }, 3010).port).toBe(1);
  });

  it('keeps documents in the embedded store beside an event store that holds none', () => {
    const { data } = environmentFrom({ GESTA_EVENTS_URL: 'esdb://events:2113' });
    expect(data).toBe('esdb://events:2113 and sqlite:./data/gesta.db');
  });

  it('tells of all that is wrong at once, with what GestaModule would find', () => {
    expect(problemsOf({ PORT: 'many', HOST: 'http://localhost', GESTA_EVENTS_URL: 'mongodb://host/db' })).toEqual([
      expect.stringMatching(/^PORT/),
      expect.stringMatching(/^HOST/),
      expect.stringMatching(/^GESTA_EVENTS_URL is 'mongodb:.* holds no events; set it to sqlite:/),
    ]);
  });

  it('shows where the data lies without what is secret', () => {
    const { data } = environmentFrom({
      GESTA_EVENTS_URL: 'esdb://admin:changeit@events:2113?tls=false',
      GESTA_DOCUMENTS_URL: 'mongodb://app:p@ss@one,two/marketplace?authSource=admin',
    });
    expect(data).toBe('esdb://***@events:2113?tls=false and mongodb://***@one,two/marketplace?authSource=admin');
  });
});

describe('listeningFrom', () => {
  it('looks at where to listen, and at no store', () => {
    expect(listeningFrom({ PORT: '0', GESTA_EVENTS_URL: 'nowhere' })).toEqual({ port: 0, host: '127.0.0.1' });
    expect(() => listeningFrom({ PORT: 'many' })).toThrow(InvalidEnvironment);
  });
});

describe('describesApi', () => {
  it.each([
    [{}, true],
    [{ NODE_ENV: 'development' }, true],
    [{ NODE_ENV: 'production' }, false],
    [{ NODE_ENV: 'production', API_DOCS: 'true' }, true],
    [{ NODE_ENV: 'production', API_DOCS: '' }, false],
    [{ API_DOCS: 'false' }, false],
  ])('of %j is %s', (variables, described) => {
    expect(describesApi(variables)).toBe(described);
  });
});
