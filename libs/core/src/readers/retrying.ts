import type { RecordedEvent } from '../events/recorded-event.js';
import type { Checkpoint, EventStore } from '../store/event-store.js';
import type { Coverage } from './coverage.js';
import type { EventConsumer, Failure, KeyedEvent } from './event-consumer.js';
import { GonePast } from './gone-past.js';
import type { Keying } from './keying.js';
import { LeaseLost } from './lease.js';
import type { HeldLetter, Parking } from './parking.js';
import { Portions } from './portions.js';
import { firstOf, RetriedKeys } from './retried-keys.js';
import type { InTurn } from './turn.js';

/** Takes the events that wait behind dead letters, when operators have asked for it. */
export class Retrying {
  constructor(
    private readonly store: EventStore,
    private readonly consumer: EventConsumer,
    private readonly keying: Keying,
    private readonly parking: Parking,
    private readonly coverage?: Coverage,
  ) {}

  /**
   * Does what operators have asked for by now. Where it is not done whole, it stays asked: call it again.
   */
  async honour(inTurn: InTurn, signal: AbortSignal): Promise<void> {
    let asked = await this.requests();
    for (const { checkpoint, position } of asked)
      await this.coverage?.leaveForeign({ checkpoint, position: BigInt(position) });
    const streams = asked.filter(({ kind }) => kind === 'stream');
    for (const letter of streams) {
      if (signal.aborted) return;
      await inTurn(({ until }) => this.stream(letter, until, signal));
    }
    // The keys after the streams: what these held back for a key is then taken with the key, in order. They may have parked
    // a key from an earlier event than it was.
    if (streams.length > 0) asked = await this.requests();
    const keys = asked.filter(({ kind }) => kind === 'key');
    if (keys.length > 0) await this.keys(keys, inTurn, signal);
  }

  /** What was asked for, without the keys whose effects are under way: when these have ended, it is known what came of them. */
  private async requests(): Promise<HeldLetter[]> {
    const asked = await this.parking.requests();
    return asked.filter(({ kind, key }) => kind === 'stream' || !this.consumer.isUnderWay?.(key));
  }

  /** All of them together, and new events in between. */
  private async keys(letters: readonly HeldLetter[], inTurn: InTurn, signal: AbortSignal): Promise<void> {
    const { store, consumer, keying, parking } = this;
    let keys: RetriedKeys | undefined;
    for (let isDone = false; !isDone && !signal.aborted;) {
      isDone = await inTurn((turn) => {
        keys ??= new RetriedKeys(store, consumer, keying, parking, letters.filter(isReached(turn.until)));
        return keys.goOn(turn, signal);
      });
    }
  }

  /**
   * Takes what waits behind a stream's letter, up to where the reader is; then the stream goes on with the others. What
   * fails on the way keeps the letter, from there on.
   */
  private async stream(letter: HeldLetter, until: bigint, signal: AbortSignal): Promise<void> {
    if (!isReached(until)(letter)) return;
    const first = firstOf(letter);
    let before = letter.checkpoint;
    const batches = this.store.readAll({ after: before, filter: this.consumer.filter, signal });
    for await (const { events, checkpoint, position } of batches) {
      const waiting = events.filter((event) => event.position >= first && event.position <= until);
      if (!(await this.takeOfStream(letter, waiting, before, signal))) return;
      before = checkpoint;
      if (position >= until) break;
    }
    if (signal.reason instanceof LeaseLost) throw signal.reason; // another owner may be further
    await this.parking.free([letter]);
  }

  /**
   * One by one, and the letter remembers how far it is: of events that a key has been given before, only the last one can
   * be told from one that the key has gone past.
   */
  private async takeOfStream(
    letter: HeldLetter,
    events: readonly RecordedEvent[],
    before: Checkpoint | undefined,
    signal: AbortSignal,
  ): Promise<boolean> {
    const { key: stream } = letter;
    for (const event of events) {
      if (event.streamId !== stream) continue;
      let work: readonly KeyedEvent[];
      try {
        work = this.keying.of(event);
      } catch (error) {
        await this.parking.parkStream(event, { error, attempts: 1 }, before);
        return false;
      }
      const failures: Failure[] = [];
      const isFree = ({ key }: KeyedEvent) => !this.parking.holds('key', key, event.position);
      for await (const some of new Portions([event], () => work, isFree))
        failures.push(...(await this.consumer.take(some, { late: true, signal })));
      const tooLate = failures.find(({ error }) => error instanceof GonePast);
      const failed = failures.filter(({ error }) => !(error instanceof GonePast));
      // Its key can be told now, so it is the key that waits; the stream goes on.
      await this.parking.parkKeys(failed, [event], before);
      if (tooLate) {
        await this.parking.parkStream(event, tooLate, before);
        return false;
      }
      await this.parking.moveOn([letter], event.position + 1n, before);
    }
    return true;
  }
}

/**
 * Whether the reader has come to what waits behind a letter. It has not where the process ended before its checkpoint had
 * passed the event, which will come again.
 */
function isReached(until: bigint): (letter: HeldLetter) => boolean {
  return ({ position }) => BigInt(position) <= until;
}
