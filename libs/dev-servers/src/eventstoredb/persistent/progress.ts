import type { Message } from './message.js';

/** How far a group has come. */
export interface Reached {
  /** The place of the last event. */
  readonly place: number;
  /** How many events that is since the group began or was loaded. */
  readonly count: number;
}

/** Knows up to where everything that a group has read is settled. */
export class Progress {
  /** In the order they were read. */
  readonly #unsettled = new Set<Message>();
  #read: Reached;

  /** @param place up to where there is nothing to do; -1 for the beginning */
  constructor(place: number) {
    this.#read = { place, count: 0 };
  }

  /** The last event that was read, or passed over. */
  get read(): Reached {
    return this.#read;
  }

  /** The last event before which, and with which, everything is settled. */
  get settled(): Reached {
    for (const { after, number } of this.#unsettled) return { place: after, count: number - 1 };
    return this.#read;
  }

  /** Notes what was read, with `number` and `after` as {@link read} says. */
  add(message: Message, place: number): void {
    this.#unsettled.add(message);
    this.#read = { place, count: message.number };
  }

  /** Notes that so many events up to the place are nothing to the group. */
  passOver(place: number, count: number): void {
    this.#read = { place, count: this.#read.count + count };
  }

  settle(message: Message): void {
    this.#unsettled.delete(message);
  }
}
