import { afterEach, describe, expect, it } from '@jest/globals';
import { configuredClient, type ConfiguredClient } from './mongodb-url.js';

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
    ['mysql://h/shop', /does not begin with mongodb:/],
    ['mongodb://jo:secret@h', /does not name the database.*mongodb:\/\/localhost:27017\/gesta/],
    ['mongodb://jo:secret@h/?tls=true', /does not name the database/],
    ['mongodb://jo:secret@h/my.shop', /'my\.shop' cannot be a database's name/],
    [`mongodb://h/${'x'.repeat(64)}`, /cannot be a database's name/],
    ['mongodb://jo:secret@h/shop?w=0', /w=0 would lose writes/],
    ['mongodb://jo:secret@h/shop?colour=red', /colour/],
    ['mongodb://jo:sec@ret@h/shop', /%XX/],
    ['mongodb:///shop', /not right/],
  ])('is refused where it cannot be right, and its login is not shown: %s', (url, reason) => {
    expect(() => configured(url)).toThrow(RangeError);
    expect(() => configured(url)).toThrow(reason);
    expect(() => configured(url)).not.toThrow(/secret|sec@ret/);
  });
});
