import type { ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { eventTest, type EventFilter, type EventTest } from '../log/event-filter.js';
import { invalidArgument } from '../server/rpc-error.js';
import { revisionOf } from '../server/revision-number.js';
import { streamIdOf } from '../server/stream-identifier.js';

/** What a client wants to read. */
export interface ReadOptions {
  readonly backwards: boolean;
  readonly resolveLinks: boolean;
  readonly uuidsAsText: boolean;
  /** Whether the client knows the messages that say where a stream ends. */
  readonly wantsPositions: boolean;
}

/** A stream, and where in it to begin. */
export interface StreamSource {
  readonly streamId: string;
  /** A revision, or one of the ends. */
  readonly from: number | 'start' | 'end';
}

/** The whole log, and where in it to begin. */
export interface AllSource {
  readonly from: number | 'start' | 'end';
  readonly filter?: AllFilter;
}

/** Which events of the log are sent, and how the reader hears of the others. */
export interface AllFilter {
  /** The same for filters that let the same events through. */
  readonly name: string;
  readonly test: EventTest;
  /** How many events are looked at in one go. */
  readonly window: number;
  /** After how many events that were looked at a subscriber gets a checkpoint. */
  readonly checkpointEvery: number;
}

/** What EventStoreDB takes for a window when the client names none. */
const DEFAULT_WINDOW = 32;
const LARGEST_WINDOW = 10_000;

export function readOptions(request: ReadReq.Options): ReadOptions {
  return {
    backwards: request.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS,
    resolveLinks: request.getResolveLinks(),
    uuidsAsText: request.getUuidOption()?.hasString() ?? false,
    wantsPositions: (request.getControlOption()?.getCompatibility() ?? 0) >= 1,
  };
}

/** @throws {RpcError} when the stream has no name, or the revision is none */
export function streamSource(options: ReadReq.Options.StreamOptions): StreamSource {
  const streamId = streamIdOf(options.getStreamIdentifier());
  if (options.hasRevision()) return { streamId, from: revisionOf(options.getRevision()) ?? 'end' };
  return { streamId, from: options.hasEnd() ? 'end' : 'start' };
}

/** @throws {RpcError} when the filter cannot be understood, or the position is none */
export function allSource(request: ReadReq.Options, options: ReadReq.Options.AllOptions): AllSource {
  const filter = request.hasFilter() ? allFilter(request.getFilter()!) : undefined;
  const position = options.getPosition();
  if (position) return { from: revisionOf(position.getCommitPosition()) ?? 'end', filter };
  return { from: options.hasEnd() ? 'end' : 'start', filter };
}

function allFilter(options: ReadReq.Options.FilterOptions): AllFilter {
  const byStream = options.getStreamIdentifier();
  const expression = byStream ?? options.getEventType();
  if (!expression) throw invalidArgument('A filter has to name event types or streams');
  const window = options.hasMax() ? Math.min(options.getMax(), LARGEST_WINDOW) : DEFAULT_WINDOW;
  if (window === 0) throw invalidArgument('The search window of a filter has to be greater than 0');
  const filter: EventFilter = {
    on: byStream ? 'stream' : 'type',
    regex: expression.getRegex(),
    prefixes: expression.getPrefixList(),
  };
  return {
    name: JSON.stringify(filter),
    test: testOf(filter),
    window,
    checkpointEvery: window * Math.max(1, options.getCheckpointintervalmultiplier()),
  };
}

function testOf(filter: EventFilter): EventTest {
  try {
    return eventTest(filter);
  } catch (error) {
    throw invalidArgument((error as Error).message);
  }
}
