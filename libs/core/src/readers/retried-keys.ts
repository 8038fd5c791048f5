import type { RecordedEvent } from '../events/recorded-event.js';
import type { Checkpoint, EventStore } from '../store/event-store.js';
import type { EventConsumer, KeyedEvent } from './event-consumer.js';
import type { Keying } from './keying.js';
import { LeaseLost } from './lease.js';
import type { HeldLetter, Parking } from './parking.js';
import { Portions } from './portions.js';
import type { Turn } from './turn.js';

/** A key that is taken again. */
interface Waiting {
  readonly letter: HeldLetter;
  /** From here on its events are taken. */
  readonly first: bigint;
}

/**
 * Keys that were parked, taken again together on one way through the log, however many they are: their reader has to
 * know all of them anyway, and there is never more of what is theirs in memory than one batch asks for.
 *
 * It can be gone on with after the reader has taken new batches, which leave these keys alone. Where a process dies on
 * the way, their letters are still asked for, and it begins again.
 */
export class RetriedKeys {
  private readonly waiting: Map<string, Waiting>;
  /** Behind what was taken. */
  private checkpoint: Checkpoint | undefined;

  /** @param letters of keys, all of them at positions that the reader has reached */
  constructor(
    private readonly store: EventStore,
    private readonly consumer: EventConsumer,
    private readonly keying: Keying,
    private readonly parking: Parking,
    letters: readonly HeldLetter[],
  ) {
    this.waiting = new Map(letters.map((letter) => [letter.key, { letter, first: firstOf(letter) }]));
    let earliest: HeldLetter | undefined;
    for (const letter of letters) {
      if (!earliest || BigInt(letter.position) < BigInt(earliest.position)) earliest = letter;
    }
    this.checkpoint = earliest?.checkpoint; // before the first event that any of them waits for
  }

  /**
   * Takes what waits, up to where the reader is; then the keys go on with the others. One that fails on the way keeps its
   * letter, from there on, and the others go on without it.
   * @returns whether it has come to where the reader is; else others want their turn, and it is to be called again
   */
  async goOn({ until, isWanted }: Turn, signal: AbortSignal): Promise<boolean> {
    if (this.waiting.size === 0) return true;
    const { filter, batchSize } = this.consumer;
    const batches = this.store.readAll({ after: this.checkpoint, filter, batchSize, signal });
    for await (const { events, checkpoint, position } of batches) {
      const taken = await this.take(events, until, signal);
      if (position >= until || this.waiting.size === 0) break;
      // Documents know what they have taken. Effects do not, and would be had again for everything that waited.
      if (this.consumer.repeatsEffects) await this.parking.moveOn(taken, position + 1n, checkpoint);
      this.checkpoint = checkpoint;
      if (isWanted()) return false;
    }
    if (signal.reason instanceof LeaseLost) throw signal.reason; // another owner may be further
    await this.parking.free([...this.waiting.values()].map(({ letter }) => letter));
    return true;
  }

  /** @returns the letters of the keys that have taken something */
  private async take(events: readonly RecordedEvent[], until: bigint, signal: AbortSignal): Promise<HeldLetter[]> {
    const upTo = events.filter(({ position }) => position <= until);
    const takers = new Set<string>();
    const portions = new Portions(
      upTo,
      (event) => this.keyed(event),
      ({ key }) => this.waiting.has(key),
    );
    for await (const work of portions) {
      const failures = await this.consumer.take(work, { late: false, missed: until, signal });
      await this.parking.parkKeys(failures, events, this.checkpoint);
      for (const { key } of failures) this.waiting.delete(key);
      for (const { key } of work) takers.add(key);
    }
    return [...takers].flatMap((key) => this.waiting.get(key)?.letter ?? []);
  }

  private keyed(event: RecordedEvent): readonly KeyedEvent[] {
    if (this.parking.holds('stream', event.streamId, event.position)) return []; // waits behind that letter
    try {
      return this.keying.of(event).filter(({ key }) => {
        const waiting = this.waiting.get(key);
        return waiting !== undefined && event.position >= waiting.first;
      });
    } catch {
      return []; // was its stream's letter, and was skipped there
    }
  }
}

/** Where the first event is that is to be taken again: behind the one that waits first, where that is to be left out. */
export function firstOf({ position, requested }: HeldLetter): bigint {
  return BigInt(position) + (requested === 'skip' ? 1n : 0n);
}
