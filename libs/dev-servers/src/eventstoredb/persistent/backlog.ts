import { sizeOf, type Message } from './message.js';

/** Messages of this many bytes together are enough to hold ready, however few they are. */
const MOST_BYTES = 8 * 1024 * 1024;

/** Messages that wait for a consumer, in the order they are to be delivered. */
export class Backlog {
  #messages = new Set<Message>();
  #bytes = 0;
  #ordered = true;

  get size(): number {
    return this.#messages.size;
  }

  [Symbol.iterator](): Iterator<Message> {
    if (!this.#ordered) this.#messages = new Set([...this.#messages].toSorted(inOrder));
    this.#ordered = true;
    return this.#messages.values();
  }

  add(message: Message): void {
    this.#messages.add(message);
    this.#bytes += sizeOf(message);
  }

  /** Adds a message that may have its place before others. */
  addAgain(message: Message): void {
    this.add(message);
    this.#ordered = false;
  }

  delete(message: Message): void {
    if (this.#messages.delete(message)) this.#bytes -= sizeOf(message);
  }

  /** @returns whether it takes so many more, if it is to hold no more than `limit` */
  hasRoomFor(count: number, limit: number): boolean {
    return this.#bytes < MOST_BYTES && (this.size === 0 || this.size + count <= limit);
  }
}

/** As they were read; those that were parked before come last. */
function inOrder(a: Message, b: Message): number {
  return (a.parkedAt ?? -1) - (b.parkedAt ?? -1) || a.number - b.number;
}
