import type { StreamIdentifier } from '@eventstore/db-client/generated/shared_pb.js';
import type { CreateReq, UpdateReq } from '@eventstore/db-client/generated/persistent_pb.js';
import type { EventFilter } from '../log/event-filter.js';
import { ALL } from '../log/event-log.js';
import { invalidArgument } from '../server/rpc-error.js';
import { groupFailed, type GroupName } from './failures.js';
import type { GroupRequest, GroupStart } from './group-config.js';
import type { GroupSettings } from './group-settings.js';

const TICKS_PER_MILLISECOND = 10_000;
const STRATEGIES = ['DispatchToSingle', 'RoundRobin', 'Pinned'];

/** The options that say which group is meant. */
interface NamingOptions {
  hasAll(): boolean;
  getStreamIdentifier(): StreamIdentifier | undefined;
  getGroupName(): string;
}

/**
 * @returns the group that such options mean
 * @throws {RpcError} when they name no stream, or `$all` as if it were one
 */
export function groupNameOf(options: NamingOptions | undefined): GroupName {
  if (!options) throw invalidArgument('The options are missing');
  if (options.hasAll()) return { stream: ALL, group: options.getGroupName() };
  return streamGroup(options.getStreamIdentifier(), options.getGroupName());
}

/** @throws {RpcError} when the group cannot be made like that */
export function creationOf(request: CreateReq): GroupRequest {
  const options = request.getOptions();
  const settings = options?.getSettings();
  if (!options || !settings) throw invalidArgument('The options or the settings are missing');
  const all = options.getAll();
  if (!all) return { ...streamStart(options), settings: groupSettings(settings) };
  return {
    stream: ALL,
    group: options.getGroupName(),
    start: allStart(all, options.getGroupName()),
    settings: groupSettings(settings),
    filter: all.hasFilter() ? filterOf(all.getFilter()!) : undefined,
  };
}

/** @throws {RpcError} when the group cannot be changed like that */
export function updateOf(request: UpdateReq): GroupRequest {
  const options = request.getOptions();
  const settings = options?.getSettings();
  if (!options || !settings) throw invalidArgument('The options or the settings are missing');
  const all = options.getAll();
  if (!all) return { ...streamStart(options), settings: groupSettings(settings) };
  const group = options.getGroupName();
  return { stream: ALL, group, start: allStart(all, group), settings: groupSettings(settings) };
}

function streamGroup(identifier: StreamIdentifier | undefined, group: string): GroupName {
  const stream = Buffer.from(identifier?.getStreamName_asU8() ?? []).toString('utf8');
  if (stream === '') throw groupFailed({ stream, group }, 'Bad stream name.');
  if (stream === ALL) {
    const reason = 'Persistent subscriptions to $all are only supported over gRPC through gRPC clients';
    throw groupFailed({ stream, group }, reason);
  }
  return { stream, group };
}

/** Clients name the stream and the revision among the options, or, the older ones, beside and in the settings. */
function streamStart(options: CreateReq.Options | UpdateReq.Options): GroupName & { start: GroupStart } {
  const stream = options.getStream();
  const name = streamGroup(stream?.getStreamIdentifier() ?? options.getStreamIdentifier(), options.getGroupName());
  if (stream?.hasStart()) return { ...name, start: 0 };
  if (stream?.hasEnd()) return { ...name, start: 'end' };
  const revision = BigInt.asIntN(64, BigInt(stream?.getRevision() ?? options.getSettings()!.getRevision()));
  return { ...name, start: revision < 0n ? 'end' : Number(revision) };
}

function allStart(all: CreateReq.AllOptions | UpdateReq.AllOptions, group: string): GroupStart {
  const position = all.getPosition();
  if (!position) return all.hasEnd() ? 'end' : 0;
  const commit = BigInt.asIntN(64, BigInt(position.getCommitPosition()));
  const prepare = BigInt.asIntN(64, BigInt(position.getPreparePosition()));
  const invalid = (rule: string) =>
    groupFailed({ stream: ALL, group }, `Invalid Start From position: prepare ${rule}.`);
  if (prepare > commit) throw invalid('position must be less than or equal to the commit position');
  if (prepare < 0n && !(prepare === -1n && commit === -1n)) {
    throw invalid('and commit positions must be greater than or equal to 0 or both equal to -1');
  }
  return commit < 0n ? 'end' : Number(commit);
}

function filterOf(options: CreateReq.AllOptions.FilterOptions): EventFilter {
  const byStream = options.getStreamIdentifier();
  const expression = byStream ?? options.getEventType();
  if (!expression) throw invalidArgument('A filter has to name event types or streams');
  const on = byStream ? 'stream' : 'type';
  const regex = expression.getRegex();
  return regex ? { on, regex } : { on, prefixes: expression.getPrefixList() };
}

function groupSettings(settings: CreateReq.Settings | UpdateReq.Settings): GroupSettings {
  return {
    resolveLinkTos: settings.getResolveLinks(),
    extraStatistics: settings.getExtraStatistics(),
    messageTimeout: settings.hasMessageTimeoutMs()
      ? settings.getMessageTimeoutMs()
      : Number(settings.getMessageTimeoutTicks()) / TICKS_PER_MILLISECOND,
    maxRetryCount: settings.getMaxRetryCount(),
    checkpointAfter: settings.hasCheckpointAfterMs()
      ? settings.getCheckpointAfterMs()
      : Number(settings.getCheckpointAfterTicks()) / TICKS_PER_MILLISECOND,
    minCheckpointCount: settings.getMinCheckpointCount(),
    maxCheckpointCount: settings.getMaxCheckpointCount(),
    maxSubscriberCount: settings.getMaxSubscriberCount(),
    liveBufferSize: settings.getLiveBufferSize(),
    historyBufferSize: settings.getHistoryBufferSize(),
    readBatchSize: settings.getReadBatchSize(),
    consumerStrategy: strategyOf(settings),
  };
}

/** Newer clients name the strategy, older ones number it. The settings of an update have no name for it. */
function strategyOf(settings: CreateReq.Settings | UpdateReq.Settings): string {
  const named = 'getConsumerStrategy' in settings ? settings.getConsumerStrategy() : '';
  return named || (STRATEGIES[settings.getNamedConsumerStrategy()] ?? String(settings.getNamedConsumerStrategy()));
}
