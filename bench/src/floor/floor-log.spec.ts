import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import Database from 'better-sqlite3';
import { OrderSummaries } from '../domain/order-summaries.js';
import type { LineAdded, OrderPlaced } from '../domain/order-events.js';
import { orderEvent, orderEventToAppend, orderStreamOf } from '../domain/sample-events.js';
import { shuffled } from '../ours/append-orders.js';
import { appendOrdersByHand } from './append-orders-by-hand.js';
import { FloorLog } from './floor-log.js';

describe('the log by hand', () => {
  let log: FloorLog;
  beforeEach(() => {
    log = new FloorLog(new Database(':memory:'));
  });
  afterEach(() => log.close());

  it('gives back the events of a stream as they were appended', () => {
    const events = [orderEventToAppend(7, 0), orderEventToAppend(7, 1)];
    events.forEach((event, revision) => log.append(orderStreamOf(7), revision, event));
    log.append(orderStreamOf(8), 0, orderEventToAppend(8, 0));
    expect(log.events(orderStreamOf(7))).toEqual(
      events.map(({ id, type, headers, data }, revision) => ({ id, type, revision, headers, data })),
    );
  });

  it('gives its fold every event of the log in order', () => {
    appendOrdersByHand(log, 1_500, 2);
    const taken: { type: string; data: unknown; stream: string; position: number }[] = [];
    log.readAll((type, data, stream, position) => taken.push({ type, data, stream, position }));
    expect(taken).toEqual(
      Array.from({ length: 3_000 }, (_, index) => {
        const [n, revision] = [shuffled(index % 1_500, 1_500), Math.floor(index / 1_500)];
        return { ...orderEvent(n, revision), stream: orderStreamOf(n), position: index + 1 };
      }),
    );
  });

  it('refuses a revision that is taken', () => {
    log.append(orderStreamOf(1), 0, orderEventToAppend(1, 0));
    expect(() => log.append(orderStreamOf(1), 0, orderEventToAppend(1, 0))).toThrow(/UNIQUE/);
  });

  it('holds what the projection folds into a summary', () => {
    appendOrdersByHand(log, 1, 3);
    const fold = new OrderSummaries();
    let summary: ReturnType<OrderSummaries['lineAdded']>;
    log.readStream(orderStreamOf(0), (_type, data) => {
      summary = summary ? fold.lineAdded(data as LineAdded, summary) : fold.placed(data as OrderPlaced);
    });
    expect(summary).toMatchObject({ city: 'Bremen', lines: 2 });
  });
});
