import type { Consumer } from './consumer.js';
import type { Message } from './message.js';

/** A message that a consumer has, and has not answered. */
export interface Delivered {
  readonly message: Message;
  readonly consumer: Consumer;
}

/** The longest a timer can be set for, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The messages of a group that consumers have. Each is given back when its time is over. */
export class InFlight {
  /** All have the same time, so the first one is the first one whose time is over. */
  readonly #delivered = new Map<string, Delivered & { readonly due: number }>();
  readonly #timeout: number;
  readonly #expired: (messages: readonly Delivered[]) => void;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param timeout in milliseconds; 0 for no end
   * @param expired is called with the messages whose time is over; they are no longer in here
   */
  constructor(timeout: number, expired: (messages: readonly Delivered[]) => void) {
    this.#timeout = timeout;
    this.#expired = expired;
  }

  get size(): number {
    return this.#delivered.size;
  }

  has(id: string): boolean {
    return this.#delivered.has(id);
  }

  add(message: Message, consumer: Consumer): void {
    this.#delivered.set(message.id, { message, consumer, due: performance.now() + this.#timeout });
    this.#watch();
  }

  /** Takes a message away from its consumer. @returns undefined when it is not in flight */
  take(id: string): Delivered | undefined {
    const delivered = this.#delivered.get(id);
    this.#delivered.delete(id);
    delivered?.consumer.release(delivered.message);
    return delivered;
  }

  /** Forgets everything. */
  close(): void {
    clearTimeout(this.#timer);
    this.#delivered.clear();
  }

  #watch(): void {
    if (this.#timer || this.#timeout <= 0) return;
    const [first] = this.#delivered.values();
    if (!first) return;
    const wait = Math.min(Math.max(first.due - performance.now(), 0) + 1, LONGEST_TIMER);
    this.#timer = setTimeout(() => this.#expire(), wait).unref();
  }

  #expire(): void {
    this.#timer = undefined;
    const now = performance.now();
    const over: Delivered[] = [];
    for (const [id, delivered] of this.#delivered) {
      if (delivered.due > now) break;
      over.push(this.take(id)!);
    }
    this.#watch();
    if (over.length > 0) this.#expired(over);
  }
}
