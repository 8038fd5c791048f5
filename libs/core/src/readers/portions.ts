import { heldBytes } from '../events/held-bytes.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import type { KeyedEvent } from './event-consumer.js';

/** The most events and keys that are worked on at once. */
const MOST_KEYED = 2_000;
/** About how many bytes copies of an event for each of its keys may take at once. */
const MOST_COPIED_BYTES = 16 * 1024 * 1024;

/**
 * Events for the keys that they are for, in portions: an event may be for any number of keys. Which keys these are is
 * only asked when the event's turn has come, and whether a key is wanted when that key's turn has: what was taken before
 * may have parked it.
 */
export class Portions implements AsyncIterable<readonly KeyedEvent[]> {
  private readonly portions: AsyncGenerator<readonly KeyedEvent[]>;
  private readonly ahead: (readonly KeyedEvent[])[] = [];

  /**
   * @param keyed the event for each of its keys
   * @param isWanted leaves keys out
   */
  constructor(
    events: readonly RecordedEvent[],
    keyed: (event: RecordedEvent) => Promise<readonly KeyedEvent[]> | readonly KeyedEvent[],
    isWanted: (one: KeyedEvent) => boolean,
  ) {
    this.portions = inPortions(events, keyed, isWanted);
  }

  /** Whether there is more than one. Then two of them are made before the first one is taken. */
  async areSeveral(): Promise<boolean> {
    while (this.ahead.length < 2) {
      const { done, value } = await this.portions.next();
      if (done) return false;
      this.ahead.push(value);
    }
    return true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly KeyedEvent[]> {
    while (this.ahead.length > 0) yield this.ahead.shift()!;
    yield* this.portions;
  }
}

async function* inPortions(
  events: readonly RecordedEvent[],
  keyed: (event: RecordedEvent) => Promise<readonly KeyedEvent[]> | readonly KeyedEvent[],
  isWanted: (one: KeyedEvent) => boolean,
): AsyncGenerator<readonly KeyedEvent[]> {
  let work: KeyedEvent[] = [];
  let room = 1;
  for (const event of events) {
    const given = keyed(event);
    const all = given instanceof Promise ? await given : given;
    // For a second key the event is copied, and documents may hold what was copied.
    const share = 1 / MOST_KEYED + (all.length > 1 ? heldBytes(event.data, MOST_COPIED_BYTES) / MOST_COPIED_BYTES : 0);
    for (const one of all) {
      if (room <= 0) {
        yield work;
        work = [];
        room = 1;
      }
      if (!isWanted(one)) continue;
      work.push(one);
      room -= share;
    }
  }
  if (work.length > 0) yield work;
}
