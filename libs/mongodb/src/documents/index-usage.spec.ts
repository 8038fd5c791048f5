import type { DocumentCollection, Filter, FindOptions } from '@gesta/core';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CommandStartedEvent } from 'mongodb';
import { useMongoDB } from '../../test/mongodb-for-tests.js';
import { MongoConnection } from '../connection/mongodb-connection.js';
import { nativeCollection } from '../native-collection.js';
import { MongoDocumentStore } from './mongodb-document-store.js';

const mongodb = useMongoDB();

describe('the indexes of a projection', () => {
  let store: MongoDocumentStore;
  let orders: DocumentCollection;
  const asked: CommandStartedEvent['command'][] = [];

  beforeAll(async () => {
    const connection = await MongoConnection.open(`${mongodb.url}&monitorCommands=true`);
    store = new MongoDocumentStore(connection);
    orders = await store.collection('orders', { indexes: [{ status: 1, at: -1 }, { tags: 1 }] });
    await orders.put(
      Array.from({ length: 1_000 }, (_, n) => ({
        key: `order-${n}`,
        version: 1n,
        body: { status: n % 10 === 0 ? 'placed' : 'shipped', at: n, tags: [`t${n}`, 'all'] },
      })),
    );
    connection.db.client.on('commandStarted', ({ command }) => asked.push(command));
  });
  afterAll(() => store.close());

  /** What the server says that it did for a query, as Gesta asks it. */
  const explained = async (filter: Filter, options?: FindOptions) => {
    asked.length = 0;
    await orders.find(filter, options);
    const command = asked.find(({ find }) => find === 'orders')!;
    const plan = await nativeCollection(orders)
      .find(command.filter, { sort: command.sort, limit: command.limit })
      .explain('executionStats');
    const text = JSON.stringify(plan.queryPlanner.winningPlan);
    return {
      index: /"indexName":"([^"]+)"/.exec(text)?.[1],
      sorts: text.includes('"SORT"'),
      examined: plan.executionStats.totalDocsExamined as number,
    };
  };

  it('serve equality and order together', async () => {
    const { examined, ...plan } = await explained({ status: 'placed' }, { sort: { at: -1 }, limit: 5 });
    expect(plan).toEqual({ index: 'status_1_at_-1__id_-1', sorts: false });
    expect(examined).toBeLessThanOrEqual(100);
  });

  it('serve ranges', async () => {
    const { index, examined } = await explained({ status: 'placed', at: { $gte: 900 } });
    expect({ index, examined }).toEqual({ index: 'status_1_at_-1__id_-1', examined: 10 });
  });

  it('serve elements of arrays', async () => {
    expect(await explained({ tags: 't7' })).toMatchObject({ index: 'tags_1__id_1', examined: 1 });
  });

  it('serve regular expressions that begin with plain text', async () => {
    const plan = await explained({ status: /^pla/ }, { sort: { status: 1, at: -1 } });
    expect(plan).toMatchObject({ index: 'status_1_at_-1__id_-1', sorts: false });
  });
});
