import persistent, { type SubscriptionInfo } from '@eventstore/db-client/generated/persistent_pb.js';
import type { Consumer } from './consumer.js';
import type { SubscriptionGroup } from './subscription-group.js';

const { SubscriptionInfo: Info } = persistent;

/** So EventStoreDB shows that checkpoints go by their number alone: the longest of its spans of time does not fit. */
const NO_TIME = -(2 ** 31);

/** What is told of a group: its settings, how things stand in it, and who is connected. */
export function infoMessage(group: SubscriptionGroup): SubscriptionInfo {
  const { entry, source } = group;
  const { settings } = entry;
  const { live, checkpoint, lastKnown, readBuffer, liveBuffer, retryBuffer, outstanding } = group.state;
  const replaying = group.parked.isReplaying;
  const { count, perSecond } = group.throughput.sinceLastMeasurement();
  const consumers = [...group.consumers];
  const inFlight = consumers.reduce((sum, consumer) => sum + consumer.inFlight.size, 0);
  const textOf = (place: number | undefined) => (place === undefined ? '' : source.textOf(place));
  return new Info()
    .setEventSource(source.name)
    .setGroupName(entry.group)
    .setStatus(
      [live ? '' : 'Behind', replaying ? 'ReplayingParkedMessages' : '', live ? 'Live' : ''].filter(Boolean).join(', '),
    )
    .setConnectionsList(consumers.map((consumer) => connectionMessage(consumer, settings.extraStatistics)))
    .setAveragePerSecond(perSecond)
    .setTotalItems(String(group.throughput.total))
    .setCountSinceLastMeasurement(String(count))
    .setLastCheckpointedEventPosition(textOf(checkpoint))
    .setLastKnownEventPosition(textOf(lastKnown))
    .setResolveLinkTos(settings.resolveLinkTos)
    .setStartFrom(source.textOf(entry.start === 'end' ? -1 : entry.start))
    .setMessageTimeoutMilliseconds(settings.messageTimeout)
    .setExtraStatistics(settings.extraStatistics)
    .setMaxRetryCount(settings.maxRetryCount)
    .setLiveBufferSize(settings.liveBufferSize)
    .setBufferSize(settings.historyBufferSize)
    .setReadBatchSize(settings.readBatchSize)
    .setCheckPointAfterMilliseconds(settings.checkpointAfter || NO_TIME)
    .setMinCheckPointCount(settings.minCheckpointCount)
    .setMaxCheckPointCount(settings.maxCheckpointCount)
    .setReadBufferCount(readBuffer)
    .setLiveBufferCount(String(liveBuffer))
    .setRetryBufferCount(retryBuffer)
    .setTotalInFlightMessages(inFlight)
    .setOutstandingMessagesCount(outstanding)
    .setNamedConsumerStrategy(settings.consumerStrategy)
    .setMaxSubscriberCount(settings.maxSubscriberCount)
    .setParkedMessageCount(String(group.parked.count));
}

function connectionMessage(consumer: Consumer, extraStatistics: boolean): SubscriptionInfo.ConnectionInfo {
  const { userName, connectionName, from } = consumer.options;
  const { count, perSecond } = consumer.throughput.sinceLastMeasurement();
  const measures = extraStatistics ? consumer.latencies.measures() : [];
  return new Info.ConnectionInfo()
    .setFrom(from)
    .setUsername(userName)
    .setConnectionName(connectionName)
    .setAverageItemsPerSecond(perSecond)
    .setTotalItems(String(consumer.throughput.total))
    .setCountSinceLastMeasurement(String(count))
    .setAvailableSlots(consumer.availableSlots)
    .setInFlightMessages(consumer.inFlight.size)
    .setObservedMeasurementsList(
      measures.map(([key, value]) => new Info.Measurement().setKey(key).setValue(String(value))),
    );
}
