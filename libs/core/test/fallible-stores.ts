import type { DocumentCollection, DocumentStore } from '../src/store/document-store.js';
import { StoreUnavailable } from '../src/store/errors.js';
import type { EventStore } from '../src/store/event-store.js';

/**
 * Stands between a process and its stores: runs the call, or not, or late, or lets its answer get lost.
 * @param call what is called, such as `put gesta.checkpoints` or `append courier.command-7`
 */
export type Around = <T>(call: string, work: () => Promise<T>) => Promise<T>;

/** A document store whose every call goes through `around`. */
export function documentsThrough(around: Around, inner: DocumentStore): DocumentStore {
  return {
    collection: async (name, options) => collectionThrough(around, await inner.collection(name, options)),
    collections: () => inner.collections(),
    drop: (name) => inner.drop(name),
    close: () => inner.close(),
  };
}

/** A collection whose every call goes through `around`. */
export function collectionThrough(around: Around, inner: DocumentCollection): DocumentCollection {
  const { name } = inner;
  return {
    name,
    get: (keys) => around(`get ${name}`, () => inner.get(keys)),
    put: (documents) => around(`put ${name}`, () => inner.put(documents)),
    find: (filter, options) => around(`find ${name}`, () => inner.find(filter, options)),
    count: (filter) => around(`count ${name}`, () => inner.count(filter)),
    purge: (options) => around(`purge ${name}`, () => inner.purge(options)),
  };
}

/** An event store whose every call, and every batch that is read, goes through `around`. */
export function eventsThrough(around: Around, inner: EventStore): EventStore {
  async function* reading<T>(call: string, batches: AsyncIterable<T>): AsyncGenerator<T> {
    const iterator = batches[Symbol.asyncIterator]();
    try {
      for (;;) {
        const { done, value } = await around(call, () => iterator.next());
        if (done) return;
        yield value as T;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return {
    append: (stream, events, options) => around(`append ${stream}`, () => inner.append(stream, events, options)),
    readStream: (stream, options) => reading(`readStream ${stream}`, inner.readStream(stream, options)),
    readAll: (options) => reading('readAll', inner.readAll(options)),
    subscribe: (options) => reading('subscribe', inner.subscribe(options)),
    head: () => around('head', () => inner.head()),
    log: () => around('log', () => inner.log()),
    eventAt: (position) => around('eventAt', () => inner.eventAt(position)),
    deleteStream: (stream, options) => inner.deleteStream(stream, options),
    truncateStream: (stream, before) => inner.truncateStream(stream, before),
    close: () => inner.close(),
  };
}

/** Whether a process dies at a call: before it has had its effect, or when it has and nobody hears of it. */
export type Fate = 'before' | 'after' | undefined;

/**
 * A process that dies at a chosen call: from then on none of its calls has an effect. What it has written stays.
 * @param fate is asked at each of its calls
 */
export function mortal(fate: (call: string) => Fate): { readonly around: Around; readonly dead: () => boolean } {
  let dead = false;
  const die = () => {
    dead = true;
    return gone();
  };
  const gone = () => new StoreUnavailable('This process is gone');
  return {
    dead: () => dead,
    around: async (call, work) => {
      if (dead) throw gone();
      const decided = fate(call);
      if (decided === 'before') throw die();
      const answer = await work();
      if (decided === 'after') throw die();
      if (dead) throw gone();
      return answer;
    },
  };
}

/** Dies at the nth of its calls, from 0; those for leases, of which there are as many as time passes, do not count. */
export function dyingAt(nth: number, when: 'before' | 'after'): (call: string) => Fate {
  let calls = 0;
  return (call) => (!call.endsWith('gesta.leases') && calls++ === nth ? when : undefined);
}

/** Stores that can be cut off and reached again. */
export function cuttable(matching: (call: string) => boolean = () => true): {
  readonly around: Around;
  away: boolean;
  /** How many calls were refused. */
  refused: number;
} {
  const connection = {
    away: false,
    refused: 0,
    around: (async (call, work) => {
      if (connection.away && matching(call)) {
        connection.refused++;
        throw new StoreUnavailable('The store is away');
      }
      return work();
    }) as Around,
  };
  return connection;
}

/** An event store that is read in small batches, so that a short log is a backlog. */
export function inBatchesOf(batchSize: number, inner: EventStore): EventStore {
  return {
    ...eventsThrough((_, work) => work(), inner),
    readAll: (options) => inner.readAll({ ...options, batchSize }),
    subscribe: (options) => inner.subscribe({ ...options, batchSize }),
  };
}
