import {
  persistentSubscriptionToAllSettingsFromDefaults,
  persistentSubscriptionToStreamSettingsFromDefaults,
  jsonEvent,
  START,
  type EventStoreDBClient,
  type PersistentAction,
  type PersistentSubscriptionToAll,
  type PersistentSubscriptionToStream,
  type PersistentSubscriptionToStreamResolvedEvent,
} from '@eventstore/db-client';
import { until } from '../../core/test/until.js';

type Settings = Parameters<typeof persistentSubscriptionToStreamSettingsFromDefaults>[0];

/** Settings of a group that begins at the start and saves every step. */
export const fromStart = (changes: Settings = {}) =>
  persistentSubscriptionToStreamSettingsFromDefaults({
    startFrom: START,
    checkPointLowerBound: 1,
    checkPointUpperBound: 1,
    ...changes,
  });

/** The same for `$all`. */
export const allFromStart = (changes: Parameters<typeof persistentSubscriptionToAllSettingsFromDefaults>[0] = {}) =>
  persistentSubscriptionToAllSettingsFromDefaults({
    startFrom: START,
    checkPointLowerBound: 1,
    checkPointUpperBound: 1,
    ...changes,
  });

/** Appends events that are numbered from `first`, in their data. */
export async function appendNumbers(
  client: EventStoreDBClient,
  stream: string,
  count: number,
  first = 0,
  type = 'counted',
): Promise<void> {
  const events = Array.from({ length: count }, (_, index) => jsonEvent({ type, data: { n: first + index } }));
  await client.appendToStream(stream, events);
}

export type Received = PersistentSubscriptionToStreamResolvedEvent;

/** @returns the number that {@link appendNumbers} gave the event */
export function numberOf({ event }: Received): number {
  return (event!.data as unknown as { n: number }).n;
}

/** A consumer that notes what it receives, and how its connection ended. */
export class TestConsumer {
  readonly received: Received[] = [];
  error: (Error & { type?: string }) | undefined;
  confirmed = false;

  /** @param answer what to do with each message at once; nothing without */
  constructor(
    readonly subscription: PersistentSubscriptionToStream | PersistentSubscriptionToAll,
    answer?: (message: Received, consumer: TestConsumer) => unknown,
  ) {
    subscription
      .on('data', (message) => {
        this.received.push(message as Received);
        answer?.(message as Received, this);
      })
      .on('confirmation', () => (this.confirmed = true))
      .on('error', (error) => (this.error = error));
  }

  /** The numbers of the events received, in their order. */
  get numbers(): number[] {
    return this.received.map(numberOf);
  }

  ack(...messages: Received[]): Promise<void> {
    return this.subscription.ack(...messages);
  }

  nack(action: PersistentAction, ...messages: Received[]): Promise<void> {
    return this.subscription.nack(action, 'as the test wants it', ...messages);
  }

  /** Resolves when it is connected. */
  async connected(): Promise<this> {
    await until('it is connected', () => this.confirmed);
    return this;
  }

  /** Resolves when it has received so many messages, to the last of them. */
  async has(count: number): Promise<Received> {
    await until(`it has ${count} messages`, () => this.received.length >= count || this.error);
    if (this.received.length < count) throw this.error ?? new Error('It has fewer');
    return this.received[count - 1]!;
  }

  /** Resolves to the error that ended the connection. */
  async ended(): Promise<Error & { type?: string }> {
    await until('it has ended', () => this.error);
    return this.error!;
  }

  leave(): Promise<void> {
    return this.subscription.unsubscribe();
  }
}

/** Acknowledges everything. */
export const acking = (message: Received, consumer: TestConsumer): Promise<void> => consumer.ack(message);
