import type { RecordedEvent } from '../events/recorded-event.js';
import type { NoticeListener } from '../observability/notice.js';
import type { Checkpoint } from '../store/event-store.js';
import type { DeadLetter, DeadLetters, Unfit } from './dead-letters.js';
import type { Failure, KeyedEvent } from './event-consumer.js';

/** What is kept in memory of a letter. Its event may be large, and there may be many. */
export type HeldLetter = Pick<DeadLetter, 'id' | 'kind' | 'key' | 'position' | 'checkpoint' | 'requested'>;

/** A key or a stream that was parked. */
interface Held {
  readonly letter: HeldLetter;
  /** Of the first event that waits. */
  readonly position: bigint;
}

/** So many letters are counted at every look, which is several times a second. */
const COUNTED_AT_EVERY_LOOK = 1_000;
/** At so many counts in a row it may stay open whether letters are gone, as others come and go; then all are looked up. */
const UNSURE_LOOKS = 40;

/** The keys and streams that one reader has parked. In memory what `DeadLetters` holds durably. */
export class Parking {
  private readonly keys = new Map<string, Held>();
  private readonly streams = new Map<string, Held>();
  /** Whether all that is durable is in memory. */
  private isOpen = false;
  /** Hears that something is parked. */
  private held: (() => void) | undefined;
  private epoch: bigint | undefined;
  /** How often it was asked what is requested. */
  private looks = 0;
  /** How often something was parked or freed. */
  private changes = 0;
  /** How many such writes are under way: the letters may be written, and it is not known here. */
  private underWay = 0;
  /** How many counts in a row were overtaken by that. */
  private unsure = 0;

  constructor(
    private readonly reader: string,
    private readonly deadLetters: DeadLetters,
    private readonly notice: NoticeListener,
  ) {}

  get size(): number {
    return this.keys.size + this.streams.size;
  }

  /** How many are parked: what is in memory once that was looked up, and before it, or while another owns the reader, what is durable. */
  async known(owner: boolean): Promise<number> {
    return owner && this.isOpen ? this.size : this.count();
  }

  /**
   * Adopts what was parked before, unless this owner has done so and knows of everything since.
   * @param epoch of the owner
   * @throws {FencedOff} when a later owner has
   */
  async open(epoch: bigint): Promise<void> {
    if (this.isOpen && this.epoch === epoch && this.underWay === 0) return;
    this.epoch = epoch;
    this.isOpen = false;
    this.keys.clear();
    this.streams.clear();
    for await (const letters of this.deadLetters.adopt(this.reader, epoch)) {
      for (const letter of letters) this.hold(letter);
    }
    this.isOpen = true;
  }

  /**
   * Whether the event at the position waits. What came before the first one that waits does not, also when it comes
   * again because the process ended before its checkpoint had passed it.
   */
  holds(kind: DeadLetter['kind'], key: string, position: bigint): boolean {
    const all = this.of(kind);
    if (all.size === 0) return false; // as it nearly always is, for every event
    const held = all.get(key);
    return held !== undefined && position >= held.position;
  }

  /**
   * Parks keys, durably.
   * @param events the batch, as it is in the log
   * @param checkpoint from where the batch will be read again
   */
  async parkKeys(
    failures: readonly Failure[],
    events: readonly RecordedEvent[],
    checkpoint: Checkpoint | undefined,
  ): Promise<void> {
    if (failures.length === 0) return;
    const inLog = new Map(events.map((event) => [event.position, event]));
    const unfit = failures.map((failure) => ({ ...failure, event: inLog.get(failure.event.position)! }));
    await this.park('key', unfit, checkpoint);
  }

  /**
   * Parks a stream, durably.
   * @param event as it is in the log
   * @param checkpoint from where it will be read again
   */
  async parkStream(
    event: RecordedEvent,
    { error, attempts }: { readonly error: unknown; readonly attempts: number },
    checkpoint: Checkpoint | undefined,
  ): Promise<void> {
    await this.park('stream', [{ key: event.streamId, event, error, attempts }], checkpoint);
  }

  /** What waits begins at the position now: the events before it were taken. */
  async moveOn(letters: readonly HeldLetter[], position: bigint, checkpoint: Checkpoint | undefined): Promise<void> {
    const ids = letters.map(({ id }) => id);
    const { epoch } = this;
    const moved = await this.written(() => this.deadLetters.moveOn(ids, position, checkpoint, epoch));
    for (const letter of moved) this.hold(letter);
  }

  /** The events were taken after they had been parked: what waits for their keys begins behind them. */
  async moveBehind(taken: readonly KeyedEvent[]): Promise<void> {
    for (const { key, event } of taken) {
      const held = this.keys.get(key);
      if (held?.position === event.position)
        await this.moveOn([held.letter], event.position + 1n, held.letter.checkpoint);
    }
  }

  /** The keys or streams go on. */
  async free(letters: readonly HeldLetter[]): Promise<void> {
    const ids = letters.map(({ id }) => id);
    await this.written(() => this.deadLetters.remove(ids, this.epoch));
    for (const { kind, key } of letters) this.of(kind).delete(key);
    this.changes++;
  }

  /**
   * The letters for which an operator has asked something. One that is gone was honoured by a former owner, which did
   * not know how far this one is: what waits here is taken from where it did.
   */
  async requests(): Promise<HeldLetter[]> {
    if (this.size === 0) return [];
    const { changes } = this;
    const requested: HeldLetter[] = [];
    for await (const letters of this.deadLetters.requested(this.reader))
      for (const letter of letters) requested.push(toHold(letter));
    if (!this.isToCount() || (await this.deadLetters.countAll(this.reader)) === this.size) return requested;
    // What was parked or freed meanwhile says nothing of others, and to look at all of them costs what there are.
    if ((changes !== this.changes || this.underWay > 0) && ++this.unsure < UNSURE_LOOKS) return requested;
    this.unsure = 0;
    const held = [...this.keys.values(), ...this.streams.values()]; // as it is before the letters are looked up
    if (this.epoch !== undefined) await this.deadLetters.clearVoid(this.reader, this.epoch);
    const there = new Set(requested.map(({ id }) => id));
    for await (const letters of this.deadLetters.pages({ reader: this.reader }))
      for (const { id } of letters) there.add(id);
    const gone = held.flatMap(({ letter }) => (there.has(letter.id) ? [] : [letter]));
    return [...requested, ...gone.map((letter) => ({ ...letter, requested: letter.requested ?? ('retry' as const) }))];
  }

  /** Letters are seldom gone, and counting costs what there are of them: for many it is done at some of the looks only. */
  private isToCount(): boolean {
    return this.looks++ % Math.ceil(this.size / COUNTED_AT_EVERY_LOOK) === 0;
  }

  /** Resolves when something is parked, or at the signal: as long as nothing is, nobody can ask for it. */
  async untilSome(signal: AbortSignal): Promise<void> {
    if (this.size > 0 || signal.aborted) return;
    await new Promise<void>((resolve) => {
      this.held = resolve;
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  /** How many are parked, by whatever process owns the reader. */
  count(): Promise<number> {
    return this.deadLetters.count(this.reader);
  }

  private async park(
    kind: DeadLetter['kind'],
    unfit: readonly Unfit[],
    checkpoint: Checkpoint | undefined,
  ): Promise<void> {
    const { reader, epoch } = this;
    for (const letter of await this.written(() => this.deadLetters.park(reader, kind, unfit, checkpoint, epoch)))
      this.hold(letter);
    for (const { key, event, error, isUnderWay } of unfit)
      if (!isUnderWay) this.notice({ kind: 'parked', reader: this.reader, key, position: event.position, error });
  }

  private async written<T>(write: () => Promise<T>): Promise<T> {
    this.underWay++;
    try {
      return await write();
    } catch (error) {
      this.isOpen = false; // the letters may be written all the same
      throw error;
    } finally {
      this.underWay--;
    }
  }

  private hold(letter: DeadLetter): void {
    this.of(letter.kind).set(letter.key, { letter: toHold(letter), position: BigInt(letter.position) });
    this.changes++;
    this.held?.();
  }

  private of(kind: DeadLetter['kind']): Map<string, Held> {
    return kind === 'key' ? this.keys : this.streams;
  }
}

function toHold({ id, kind, key, position, checkpoint, requested }: DeadLetter): HeldLetter {
  return { id, kind, key, position, ...(checkpoint !== undefined && { checkpoint }), ...(requested && { requested }) };
}
