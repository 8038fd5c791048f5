import type { RecordedEvent } from '../events/recorded-event.js';
import type { Checkpoint, EventStore } from '../store/event-store.js';
import type { DeadLetter } from './dead-letters.js';
import type { EventConsumer, KeyedEvent } from './event-consumer.js';
import { GonePast } from './gone-past.js';
import type { Keying } from './keying.js';
import type { Parking } from './parking.js';

/** Takes the events that wait behind a dead letter, when an operator has asked for it. */
export class Retrying {
  constructor(
    private readonly store: EventStore,
    private readonly consumer: EventConsumer,
    private readonly keying: Keying,
    private readonly parking: Parking,
  ) {}

  /**
   * Takes what waits behind the letter, up to where the reader is; then its key or stream goes on with the others. What
   * fails on the way keeps the letter, from there on.
   * @param until the position that the reader has reached; it does not move meanwhile
   */
  async honour(letter: DeadLetter, until: bigint, signal: AbortSignal): Promise<void> {
    const { kind, key, position: parkedAt, requested } = letter;
    // Not there yet: the process ended before its checkpoint had passed the event, which will come again.
    if (BigInt(parkedAt) > until) return;
    const first = BigInt(parkedAt) + (requested === 'skip' ? 1n : 0n);
    let before = letter.checkpoint;
    const batches = this.store.readAll({ after: before, filter: this.consumer.filter, signal });
    for await (const { events, checkpoint, position } of batches) {
      const waiting = events.filter((event) => event.position >= first && event.position <= until);
      const taken =
        kind === 'key'
          ? await this.takeForKey(key, waiting, before, signal)
          : await this.takeOfStream(letter, waiting, before, signal);
      if (!taken) return;
      before = checkpoint;
      if (position >= until) break;
    }
    await this.parking.free(letter);
  }

  private async takeForKey(
    key: string,
    events: readonly RecordedEvent[],
    before: Checkpoint | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const work = events.flatMap((event) => this.forKey(key, event));
    if (work.length === 0) return true;
    const [failure] = await this.consumer.take(work, { late: false, signal });
    if (!failure) return true;
    const failed = events.find(({ position }) => position === failure.event.position)!;
    await this.parking.park('key', key, failed, before, failure);
    return false;
  }

  private forKey(key: string, event: RecordedEvent): readonly KeyedEvent[] {
    if (this.parking.holds('stream', event.streamId, event.position)) return []; // waits behind that letter
    try {
      return this.keying.of(event).filter((keyed) => keyed.key === key);
    } catch {
      return []; // was its stream's letter, and was skipped there
    }
  }

  /**
   * One by one, and the letter remembers how far it is: of events that a key has been given before, only the last one can
   * be told from one that the key has gone past.
   */
  private async takeOfStream(
    letter: DeadLetter,
    events: readonly RecordedEvent[],
    before: Checkpoint | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { key: stream } = letter;
    for (const event of events) {
      if (event.streamId !== stream) continue;
      let work: readonly KeyedEvent[];
      try {
        work = this.keying.of(event).filter(({ key }) => !this.parking.holds('key', key, event.position));
      } catch (error) {
        await this.parking.park('stream', stream, event, before, { error, attempts: 1 });
        return false;
      }
      const failures = work.length > 0 ? await this.consumer.take(work, { late: true, signal }) : [];
      const tooLate = failures.find(({ error }) => error instanceof GonePast);
      for (const failure of failures) {
        // Its key can be told now, so it is the key that waits; the stream goes on.
        if (!(failure.error instanceof GonePast)) await this.parking.park('key', failure.key, event, before, failure);
      }
      if (tooLate) {
        await this.parking.park('stream', stream, event, before, tooLate);
        return false;
      }
      await this.parking.moveOn(letter, event.position + 1n, before);
    }
    return true;
  }
}
