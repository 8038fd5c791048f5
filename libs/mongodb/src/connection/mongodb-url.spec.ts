import { afterEach, describe, expect, it } from '@jest/globals';
import { checkWriteConcern, configuredClient, type ConfiguredClient } from './mongodb-url.js';

describe('a MongoDB URL', () => {
  const opened: ConfiguredClient[] = [];
  const configured = (url: string) => {
    const one = configuredClient(url);
    opened.push(one);
    return one;
  };
  afterEach(async () => {
    for (const { client } of opened.splice(0)) await client.close();
  });

  it('names hosts and database, and is shown without login and parameters', () => {
    expect(configured('mongodb://jo:secret@one:27018,two/shop?replicaSet=rs0&tls=true')).toMatchObject({
      database: 'shop',
      address: 'one:27018,two:27017/shop',
      tls: true,
    });
    expect(configured('mongodb://localhost/caf%C3%A9')).toMatchObject({ database: 'café', tls: false });
    expect(configured('mongodb+srv://cluster.example.com/shop').address).toBe('cluster.example.com/shop');
  });

  it('waits for a server, and for a majority of a replica set, so long and no longer', () => {
    const { options } = configured('mongodb://localhost/shop').client;
    expect(options).toMatchObject({ serverSelectionTimeoutMS: 5_000, appName: 'gesta' });
    expect(options.writeConcern).toMatchObject({ w: 'majority', wtimeoutMS: 10_000 });
  });

  it('has the last word', () => {
    const { options } = configured('mongodb://h/shop?serverSelectionTimeoutMS=700&W=1&appName=mine').client;
    expect(options).toMatchObject({ serverSelectionTimeoutMS: 700, appName: 'mine', connectTimeoutMS: 5_000 });
    expect(options.writeConcern).toMatchObject({ w: 1, wtimeoutMS: 10_000 });
  });

  it.each([
    'mongodb://h/shop',
    'mongodb://h/shop?readPreference=secondary&readConcernLevel=local',
    'mongodb://h/shop?readPreference=nearest&readPreferenceTags=dc:east&readPreferenceTags=&maxStalenessSeconds=120&tls=false',
  ])('reads what a majority has, from the primary: %s', (url) => {
    const { readPreference, readConcern } = configured(url).client.options;
    expect([readPreference.mode, readPreference.tags, readConcern?.level]).toEqual(['primary', undefined, 'majority']);
  });

  describe('at a replica set', () => {
    const set = (members: number, others = {}) => ({
      setName: 'rs0',
      hosts: Array.from({ length: members }, (_, n) => `h${n}:27017`),
      ...others,
    });
    const checked = (parameters: string, hello: object) => () =>
      checkWriteConcern(configured(`mongodb://jo:secret@h/shop?${parameters}`).client, hello);

    it.each([
      ['w=1', set(3)],
      ['w=2', set(2, { passives: ['p:27017'], arbiters: ['a:27017'] })],
      ['w=1', { msg: 'isdbgrid' }],
    ])('is refused with less than a majority: %s', (parameters, hello) => {
      expect(checked(parameters, hello)).toThrow(RangeError);
      expect(checked(parameters, hello)).toThrow(/less than a majority.*leave it out, or give w=majority/);
      expect(checked(parameters, hello)).not.toThrow(/secret/);
    });

    it.each([
      ['', set(3)],
      ['w=majority', set(5)],
      ['w=2', set(3)],
      ['w=1', set(1)],
      ['w=everywhere', set(3)],
      ['w=1', {}],
    ])('is taken with a majority, and a server alone with anything: %s', (parameters, hello) => {
      expect(checked(parameters, hello)).not.toThrow();
    });
  });

  it.each([
    ['mysql://h/shop', /does not begin with mongodb:/],
    ['mongodb://jo:secret@h', /does not name the database.*mongodb:\/\/localhost:27017\/gesta/],
    ['mongodb://jo:secret@h/?tls=true', /does not name the database/],
    ['mongodb://jo:secret@h/my.shop', /'my\.shop' cannot be a database's name/],
    [`mongodb://h/${'x'.repeat(64)}`, /cannot be a database's name/],
    ['mongodb://jo:secret@h/shop?w=0', /w=0 would lose writes/],
    ['mongodb://jo:secret@h/shop?journal=false', /journal=false would lose what was acknowledged/],
    [
      'mongodb://jo:secret@h/shop?w=majority&j=false',
      /journal=false would lose what was acknowledged|j is not supported/,
    ],
    ['mongodb://jo:secret@h/shop?colour=red', /colour/],
    ['mongodb://jo:sec@ret@h/shop', /%XX/],
    ['mongodb:///shop', /not right/],
  ])('is refused where it cannot be right, and its login is not shown: %s', (url, reason) => {
    expect(() => configured(url)).toThrow(RangeError);
    expect(() => configured(url)).toThrow(reason);
    expect(() => configured(url)).not.toThrow(/secret|sec@ret/);
  });
});
