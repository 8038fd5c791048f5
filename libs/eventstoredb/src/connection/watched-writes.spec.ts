import { StoreUnavailable, WrongExpectedRevision } from '@gesta/core';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { NotConfirmed, NotShownYet } from './failures.js';
import { WatchedWrites } from './watched-writes.js';

const unconfirmed = () => new StoreUnavailable('not confirmed', { cause: new NotConfirmed(100) });

describe('how long writes wait', () => {
  let answer: (tried: PromiseWithResolvers<void>) => void;
  let tries: number;
  let writes: WatchedWrites;
  const failed = async (reason: unknown) => {
    const rejected = Promise.withResolvers<void>();
    const written = expect(writes.watch(rejected.promise)).rejects.toBe(reason);
    rejected.reject(reason);
    await written;
  };

  beforeEach(() => {
    jest.useFakeTimers();
    tries = 0;
    answer = ({ reject }) => reject(unconfirmed());
    writes = new WatchedWrites(() => {
      const tried = Promise.withResolvers<void>();
      tries++;
      answer(tried);
      return tried.promise;
    });
  });
  afterEach(() => {
    writes.end();
    jest.useRealTimers();
  });

  it('is told by the one that has waited longest, while it waits', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const written = writes.watch(promise);
    await jest.advanceTimersByTimeAsync(300);
    void writes.watch(Promise.withResolvers<void>().promise);
    await jest.advanceTimersByTimeAsync(200);
    expect(writes.oldest()).toBe(500);
    resolve();
    await written;
    expect(writes.oldest()).toBe(200);
  });

  it('counts on when a write was given up, until another is answered', async () => {
    await failed(unconfirmed());
    await jest.advanceTimersByTimeAsync(20_000);
    expect(writes.oldest()).toBe(20_000);
    await writes.watch(Promise.resolve());
    expect(writes.oldest()).toBe(0);
    const before = tries;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(tries).toBe(before);
  });

  it('ends by itself: a write is tried, one at a time, until one is answered', async () => {
    const waiting: PromiseWithResolvers<void>[] = [];
    answer = (tried) => waiting.push(tried);
    await failed(unconfirmed());
    await jest.advanceTimersByTimeAsync(10_000);
    expect(waiting).toHaveLength(1);
    waiting[0]!.reject(unconfirmed());
    await jest.advanceTimersByTimeAsync(1_500);
    expect(waiting).toHaveLength(2);
    expect(writes.oldest()).toBe(11_500);
    waiting[1]!.resolve();
    await jest.advanceTimersByTimeAsync(0);
    expect(writes.oldest()).toBe(0);
  });

  it('is over for who may not write what is tried: that is an answer', async () => {
    answer = ({ reject }) => reject(new StoreUnavailable('denied', { cause: { code: 7 } }));
    await failed(unconfirmed());
    await jest.advanceTimersByTimeAsync(1_500);
    expect(writes.oldest()).toBe(0);
  });

  it.each([
    ['a refusal', new WrongExpectedRevision('s-1', 1, 2)],
    ['a read that lags', new StoreUnavailable('lags', { cause: new NotShownYet('s-1', 1) })],
    ['an error of ours', new TypeError('no')],
  ])('has nothing to do with %s', async (_, error) => {
    await failed(error);
    await jest.advanceTimersByTimeAsync(5_000);
    expect([writes.oldest(), tries]).toEqual([0, 0]);
  });

  it('tries nothing any more when it has ended', async () => {
    await failed(unconfirmed());
    writes.end();
    await failed(unconfirmed());
    await jest.advanceTimersByTimeAsync(5_000);
    expect(tries).toBe(0);
  });
});
