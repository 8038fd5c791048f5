import type { RecordedEvent } from '../events/recorded-event.js';
import type { NoticeListener } from '../observability/notice.js';
import type { Checkpoint } from '../store/event-store.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';

/** A key or a stream that was set aside. */
interface Held {
  readonly letter: DeadLetter;
  /** Of the first event that waits. */
  readonly position: bigint;
}

/** The keys and streams that one reader has set aside. In memory what `DeadLetters` holds durably. */
export class Parking {
  private readonly keys = new Map<string, Held>();
  private readonly streams = new Map<string, Held>();

  constructor(
    private readonly reader: string,
    private readonly deadLetters: DeadLetters,
    private readonly notice: NoticeListener,
  ) {}

  get size(): number {
    return this.keys.size + this.streams.size;
  }

  /** Looks up what was set aside before. */
  async open(): Promise<void> {
    this.keys.clear();
    this.streams.clear();
    for (const letter of await this.letters()) this.hold(letter);
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
   * Sets the key or the stream aside, durably.
   * @param event as it is in the log
   * @param checkpoint from where its events will be read again
   */
  async park(
    kind: DeadLetter['kind'],
    key: string,
    event: RecordedEvent,
    checkpoint: Checkpoint | undefined,
    failure: { error: unknown; attempts: number },
  ): Promise<void> {
    this.hold(await this.deadLetters.park({ reader: this.reader, kind, key, event }, checkpoint, failure));
    this.notice({ kind: 'parked', reader: this.reader, key, position: event.position, error: failure.error });
  }

  /** What waits begins at the position now: the events before it were taken. */
  async moveOn(letter: DeadLetter, position: bigint, checkpoint: Checkpoint | undefined): Promise<void> {
    const moved = await this.deadLetters.moveOn(letter.id, position, checkpoint);
    if (moved) this.hold(moved);
  }

  /** The key or stream goes on. */
  async free({ id, kind, key }: DeadLetter): Promise<void> {
    await this.deadLetters.remove(id);
    this.of(kind).delete(key);
  }

  /**
   * The letters for which an operator has asked something. One that is gone was honoured by a former owner, which did
   * not know how far this one is: what waits here is taken from where it did.
   */
  async requests(): Promise<DeadLetter[]> {
    if (this.size === 0) return [];
    const held = [...this.keys.values(), ...this.streams.values()]; // as it is before the letters are looked up
    const letters = await this.letters();
    const ids = new Set(letters.map(({ id }) => id));
    const gone = held.flatMap(({ letter }) => (ids.has(letter.id) ? [] : [{ ...letter, requested: 'retry' as const }]));
    return [...letters.filter(({ requested }) => requested !== undefined), ...gone];
  }

  /** How many are set aside, by whatever process owns the reader. */
  async count(): Promise<number> {
    return (await this.letters()).length;
  }

  private letters(): Promise<DeadLetter[]> {
    return this.deadLetters.list({ reader: this.reader });
  }

  private hold(letter: DeadLetter): void {
    this.of(letter.kind).set(letter.key, { letter, position: BigInt(letter.position) });
  }

  private of(kind: DeadLetter['kind']): Map<string, Held> {
    return kind === 'key' ? this.keys : this.streams;
  }
}
