import type { Consumer } from './consumer.js';
import type { ConsumerStrategy } from './consumer-strategy.js';
import { PinnedConsumers, keyOfCorrelation, keyOfStream } from './pinned-consumers.js';

/** One after the other, leaving out those that have no room. */
class RoundRobin implements ConsumerStrategy {
  #consumers: Consumer[] = [];

  add(consumer: Consumer): void {
    this.#consumers.push(consumer);
  }

  remove(consumer: Consumer): void {
    this.#consumers = this.#consumers.filter((each) => each !== consumer);
  }

  consumerFor(): Consumer | undefined {
    const index = this.#consumers.findIndex(({ hasRoom }) => hasRoom);
    const [consumer] = index < 0 ? [] : this.#consumers.splice(index, 1);
    if (consumer) this.#consumers.push(consumer);
    return consumer;
  }
}

/** Everything to the one that came first, as long as it has room. */
class DispatchToSingle implements ConsumerStrategy {
  readonly #consumers = new Set<Consumer>();

  add(consumer: Consumer): void {
    this.#consumers.add(consumer);
  }

  remove(consumer: Consumer): void {
    this.#consumers.delete(consumer);
  }

  consumerFor(): Consumer | undefined {
    for (const consumer of this.#consumers) if (consumer.hasRoom) return consumer;
    return undefined;
  }
}

/** The strategies by the names that clients give them. */
export const consumerStrategies: ReadonlyMap<string, () => ConsumerStrategy> = new Map<string, () => ConsumerStrategy>([
  ['RoundRobin', () => new RoundRobin()],
  ['DispatchToSingle', () => new DispatchToSingle()],
  ['Pinned', () => new PinnedConsumers(keyOfStream)],
  ['PinnedByCorrelation', () => new PinnedConsumers(keyOfCorrelation)],
]);
