import { describe, expect, it } from '@jest/globals';
import { KeyedQueue } from './keyed-queue.js';

/** Work that ends when it is told to. */
function controlled() {
  const order: string[] = [];
  const endings = new Map<string, { end: () => void; fail: (error: Error) => void }>();
  const work = (name: string) => () => {
    order.push(`${name} begins`);
    return new Promise<string>((resolve, reject) => {
      endings.set(name, { end: () => resolve(name), fail: reject });
    }).finally(() => order.push(`${name} ends`));
  };
  return {
    order,
    work,
    end: (name: string) => endings.get(name)!.end(),
    fail: (name: string, error: Error) => endings.get(name)!.fail(error),
  };
}

describe('KeyedQueue', () => {
  it('begins at once where nothing is under way', async () => {
    const { order, work, end } = controlled();
    const result = new KeyedQueue().run('a', work('first'));
    expect(order).toEqual(['first begins']);
    end('first');
    expect(await result).toBe('first');
  });

  it('runs work of one key in the order of its coming', async () => {
    const queue = new KeyedQueue();
    const { order, work, end } = controlled();
    const results = ['first', 'second', 'third'].map((name) => queue.run('a', work(name)));
    end('first');
    await results[0];
    end('second');
    await results[1];
    end('third');
    expect(await Promise.all(results)).toEqual(['first', 'second', 'third']);
    expect(order).toEqual(['first', 'second', 'third'].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });

  it('keeps what comes later behind what is still under way', async () => {
    const queue = new KeyedQueue();
    const { order, work, end } = controlled();
    const [first, second] = [queue.run('a', work('first')), queue.run('a', work('second'))];
    end('first');
    await first;
    const third = queue.run('a', work('third'));
    expect(order).toEqual(['first begins', 'first ends', 'second begins']);
    end('second');
    await second;
    end('third');
    expect(await third).toBe('third');
  });

  it('runs work of different keys side by side', async () => {
    const queue = new KeyedQueue();
    const { order, work, end } = controlled();
    const results = [queue.run('a', work('of a')), queue.run('b', work('of b'))];
    expect(order).toEqual(['of a begins', 'of b begins']);
    end('of b');
    expect(await results[1]).toBe('of b');
    end('of a');
    await results[0];
  });

  it('goes on after work that failed', async () => {
    const queue = new KeyedQueue();
    const { work, end, fail } = controlled();
    const failing = queue.run('a', work('first'));
    const following = queue.run('a', work('second'));
    fail('first', new Error('bad luck'));
    await expect(failing).rejects.toThrow('bad luck');
    end('second');
    expect(await following).toBe('second');
  });

  it('remembers no key once its work is done', async () => {
    const queue = new KeyedQueue();
    const { order, work, end } = controlled();
    const first = queue.run('a', work('first'));
    end('first');
    await first;
    void queue.run('a', work('second'));
    expect(order).toEqual(['first begins', 'first ends', 'second begins']); // at once again, behind nothing
  });
});
