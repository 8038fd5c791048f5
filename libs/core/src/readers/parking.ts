import type { RecordedEvent } from '../events/recorded-event.js';
import type { NoticeListener } from '../observability/notice.js';
import type { Checkpoint } from '../store/event-store.js';
import type { DeadLetter, DeadLetters } from './dead-letters.js';

/** The keys and streams that one reader has set aside. In memory what `DeadLetters` holds durably. */
export class Parking {
  private readonly keys = new Set<string>();
  private readonly streams = new Set<string>();

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
    for (const letter of await this.letters()) this.of(letter.kind).add(letter.key);
  }

  holds(kind: DeadLetter['kind'], key: string): boolean {
    return this.of(kind).has(key);
  }

  /**
   * Sets the key or the stream aside, durably.
   * @param checkpoint from where its events will be read again
   */
  async park(
    kind: DeadLetter['kind'],
    key: string,
    event: RecordedEvent,
    checkpoint: Checkpoint | undefined,
    failure: { error: unknown; attempts: number },
  ): Promise<void> {
    await this.deadLetters.park({ reader: this.reader, kind, key, event }, checkpoint, failure);
    this.of(kind).add(key);
    this.notice({ kind: 'parked', reader: this.reader, key, position: event.position, error: failure.error });
  }

  /** The key or stream goes on. */
  async free({ id, kind, key }: DeadLetter): Promise<void> {
    await this.deadLetters.remove(id);
    this.of(kind).delete(key);
  }

  /** The letters for which an operator has asked something. */
  async requests(): Promise<DeadLetter[]> {
    if (this.size === 0) return [];
    return (await this.letters()).filter(({ requested }) => requested !== undefined);
  }

  /** How many are set aside, by whatever process owns the reader. */
  async count(): Promise<number> {
    return (await this.letters()).length;
  }

  private letters(): Promise<DeadLetter[]> {
    return this.deadLetters.list({ reader: this.reader });
  }

  private of(kind: DeadLetter['kind']): Set<string> {
    return kind === 'key' ? this.keys : this.streams;
  }
}
