import { consumerStrategies } from './consumer-strategies.js';

/** How a group delivers; see the client's `PersistentSubscriptionToStreamSettings`. */
export interface GroupSettings {
  readonly resolveLinkTos: boolean;
  readonly extraStatistics: boolean;
  /** After how many milliseconds a message that was not answered is delivered again; 0 for never. */
  readonly messageTimeout: number;
  /** After how many deliveries again a message is parked. */
  readonly maxRetryCount: number;
  /** How many milliseconds lie between checkpoints at least, unless there are `maxCheckpointCount`; 0 for no end. */
  readonly checkpointAfter: number;
  /** How many messages a checkpoint must be worth. */
  readonly minCheckpointCount: number;
  /** How many messages enforce a checkpoint. */
  readonly maxCheckpointCount: number;
  /** How many consumers may be connected; 0 for any number. */
  readonly maxSubscriberCount: number;
  /** How many messages are held ready when the group has read all there is. */
  readonly liveBufferSize: number;
  /** How many messages are held ready while it is behind. */
  readonly historyBufferSize: number;
  readonly readBatchSize: number;
  /** A key of {@link consumerStrategies}. */
  readonly consumerStrategy: string;
}

/** @returns what is wrong with the settings, in words; undefined if nothing is */
export function fault({ consumerStrategy }: GroupSettings): string | undefined {
  if (!consumerStrategies.has(consumerStrategy)) return `Consumer strategy ${consumerStrategy} does not exist.`;
  return undefined;
}

/**
 * @returns what is wrong with the settings, as EventStoreDB finds only when there is no such group yet: it says it in the
 * words of an exception
 */
export function faultOfSizes({ readBatchSize, historyBufferSize }: GroupSettings): string | undefined {
  if (readBatchSize < historyBufferSize) return undefined;
  const rule = 'ReadBatchSize may not be greater than or equal to BufferSize';
  return `Specified argument was out of the range of valid values. (Parameter '${rule}')`;
}
