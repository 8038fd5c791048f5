import { LINK_TYPE } from '../log/log-event.js';
import type { Consumer } from './consumer.js';
import type { ConsumerStrategy } from './consumer-strategy.js';
import type { Message } from './message.js';

/** Keys are spread over so many buckets; a bucket as a whole belongs to one consumer. */
const BUCKETS = 1_024;

/**
 * Messages with one key go to one consumer, as long as it stays. A new consumer takes over buckets from those that have
 * more than their share, but none of which messages are being processed.
 */
export class PinnedConsumers implements ConsumerStrategy {
  readonly #keyOf: (message: Message) => string;
  readonly #owners = new Map<number, Consumer>();
  readonly #consumers = new Map<Consumer, Set<number>>();

  /** @param keyOf what messages have in common that go to one consumer */
  constructor(keyOf: (message: Message) => string) {
    this.#keyOf = keyOf;
  }

  add(consumer: Consumer): void {
    this.#consumers.set(consumer, new Set());
    const share = Math.ceil(this.#owners.size / this.#consumers.size);
    for (const [owner, buckets] of this.#consumers) {
      const busy = new Set([...owner.inFlight.values()].map((message) => this.#bucketOf(message)));
      for (const bucket of buckets) {
        if (buckets.size <= share) break;
        if (busy.has(bucket)) continue;
        buckets.delete(bucket);
        this.#owners.delete(bucket);
      }
    }
  }

  remove(consumer: Consumer): void {
    for (const bucket of this.#consumers.get(consumer) ?? []) this.#owners.delete(bucket);
    this.#consumers.delete(consumer);
  }

  consumerFor(message: Message): Consumer | undefined {
    const bucket = this.#bucketOf(message);
    const owner = this.#owners.get(bucket) ?? this.#assign(bucket);
    return owner?.hasRoom ? owner : undefined;
  }

  #assign(bucket: number): Consumer | undefined {
    const [first, ...others] = this.#consumers;
    if (!first) return undefined;
    const [consumer, buckets] = others.reduce((least, each) => (each[1].size < least[1].size ? each : least), first);
    buckets.add(bucket);
    this.#owners.set(bucket, consumer);
    return consumer;
  }

  #bucketOf(message: Message): number {
    // FNV-1a
    let hash = 0x811c9dc5;
    for (const byte of Buffer.from(this.#keyOf(message))) hash = Math.imul(hash ^ byte, 0x01000193);
    return (hash >>> 0) % BUCKETS;
  }
}

/** @returns the stream that the event was written to, also when only the link to it is there */
export function keyOfStream({ event: { event, link } }: Message): string {
  if (event && event.type !== LINK_TYPE) return event.streamId;
  const { data, streamId } = (event ?? link)!;
  const target = Buffer.from(data).toString('utf8');
  return target.includes('@') ? target.slice(target.indexOf('@') + 1) : streamId;
}

/** @returns the `$correlationId` in the event's metadata; its stream when it has none */
export function keyOfCorrelation(message: Message): string {
  const { event, link } = message.event;
  try {
    const metadata = JSON.parse(Buffer.from((event ?? link)!.metadata).toString('utf8')) as Record<
      string,
      unknown
    > | null;
    const correlation = metadata?.['$correlationId'];
    if (typeof correlation === 'string') return correlation;
  } catch {
    // no JSON, and so no correlation id in it
  }
  return keyOfStream(message);
}
