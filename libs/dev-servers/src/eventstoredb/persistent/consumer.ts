import { LatencyStatistics } from './latency-statistics.js';
import type { Message } from './message.js';
import { Throughput } from './throughput.js';

/** Where a consumer's messages go to. */
export interface Delivery {
  /** @returns whether more can be taken now; if not, `ready` of {@link ConsumerOptions} is called when it can */
  send(message: Message): boolean;
  /** Ends the connection because the group has gone. */
  drop(): void;
}

/** What is known of a consumer when it connects. */
export interface ConsumerOptions {
  /** How many messages it takes before it answers one. */
  readonly bufferSize: number;
  readonly userName: string;
  readonly connectionName: string;
  /** The address it connects from. */
  readonly from: string;
}

/** One connection that messages of a group are delivered to. */
export class Consumer {
  /** What was delivered and is not answered, by the id it is answered with. */
  readonly inFlight = new Map<string, Message>();
  readonly throughput = new Throughput();
  readonly latencies = new LatencyStatistics();
  readonly options: ConsumerOptions;
  readonly #delivery: Delivery;
  readonly #deliveredAt = new Map<string, number>();
  #writable = true;

  constructor(delivery: Delivery, options: ConsumerOptions) {
    this.#delivery = delivery;
    this.options = options;
  }

  /** Whether it can be given a message: it may have more in flight, and its connection takes them. */
  get hasRoom(): boolean {
    return this.#writable && this.inFlight.size < this.options.bufferSize;
  }

  /** How many messages more it may have in flight. */
  get availableSlots(): number {
    return this.options.bufferSize - this.inFlight.size;
  }

  /** Sends the message; it is in flight from here on. */
  deliver(message: Message): void {
    this.inFlight.set(message.id, message);
    this.#deliveredAt.set(message.id, performance.now());
    this.throughput.total++;
    this.#writable = this.#delivery.send(message);
  }

  /** Its connection takes messages again. */
  drained(): void {
    this.#writable = true;
  }

  /** Forgets a message that was answered, or taken away from it. */
  release(message: Message): void {
    if (!this.inFlight.delete(message.id)) return;
    this.latencies.add(performance.now() - this.#deliveredAt.get(message.id)!);
    this.#deliveredAt.delete(message.id);
  }

  /** Ends its connection. */
  drop(): void {
    this.#delivery.drop();
  }
}
