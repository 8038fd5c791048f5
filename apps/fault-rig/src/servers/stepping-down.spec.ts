import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startMongoDB, type MongoDBServer } from '@gesta/dev-servers';
import { MongoClient } from 'mongodb';
import { Link } from './link.js';
import { SteppingDown } from './stepping-down.js';

describe('A primary', () => {
  let server: MongoDBServer;
  let behind: Link;
  let proxy: SteppingDown;
  let client: MongoClient;

  beforeEach(async () => {
    server = await startMongoDB();
    behind = await Link.to(server.port);
    proxy = await SteppingDown.before(behind.port);
    client = await new MongoClient(`mongodb://127.0.0.1:${proxy.port}/`, { retryReads: false }).connect();
  });
  afterEach(async () => {
    behind.mend();
    await client.close();
    await proxy.close();
    await behind.close();
    await server.stop();
  });
  const insert = () => client.db('test').collection('things').insertOne({ is: 'a thing' });

  it('that has stepped down takes nothing until there is one again', async () => {
    await insert();
    proxy.stepDown();
    await expect(insert()).rejects.toMatchObject({ code: 10107 });
    proxy.stepUp();
    await insert();
    expect(await client.db('test').collection('things').countDocuments()).toBe(2);
  });

  it('that steps down interrupts what is under way, whether it is done or not', async () => {
    await insert();
    behind.standStill(true);
    const inserting = insert();
    const interrupted = expect(inserting).rejects.toMatchObject({ code: 11602 });
    while (proxy.stepDown() === 0) await new Promise((resolve) => setImmediate(resolve).unref() && proxy.stepUp());
    await interrupted;
    behind.mend();
    proxy.stepUp();
    expect(await client.db('test').collection('things').countDocuments()).toBe(2);
  });
});
