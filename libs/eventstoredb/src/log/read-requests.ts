import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { BEGINNING, type LogPlace } from './log-place.js';

type Direction = 'forwards' | 'backwards';

/** What the log holds behind the place, and what will come; all of it without a filter. */
export function subscriptionRequest(after: LogPlace, filter?: ReadReq.Options.FilterOptions): ReadReq {
  const all = new streams.ReadReq.Options.AllOptions();
  if (after.commit === BEGINNING.commit) {
    all.setStart(new shared.Empty());
  } else {
    const position = new streams.ReadReq.Options.Position();
    position.setCommitPosition(after.commit.toString());
    position.setPreparePosition(after.prepare.toString());
    all.setPosition(position);
  }
  const options = readOptions('forwards');
  options.setAll(all);
  options.setSubscription(new streams.ReadReq.Options.SubscriptionOptions());
  if (filter) options.setFilter(filter);
  else options.setNoFilter(new shared.Empty());
  return request(options);
}

/** The log backwards from its end; its last event, whoever wrote it, without a filter. */
export function lastEventRequest(filter?: ReadReq.Options.FilterOptions): ReadReq {
  const all = new streams.ReadReq.Options.AllOptions();
  all.setEnd(new shared.Empty());
  const options = readOptions('backwards');
  options.setAll(all);
  options.setCount(filter ? String(Number.MAX_SAFE_INTEGER) : '1');
  if (filter) options.setFilter(filter);
  else options.setNoFilter(new shared.Empty());
  return request(options);
}

/** The first event of the log from the place on, whoever wrote it. */
export function eventFromRequest({ commit, prepare }: LogPlace): ReadReq {
  const position = new streams.ReadReq.Options.Position();
  position.setCommitPosition(commit.toString());
  position.setPreparePosition(prepare.toString());
  const all = new streams.ReadReq.Options.AllOptions();
  all.setPosition(position);
  const options = readOptions('forwards');
  options.setAll(all);
  options.setCount('1');
  options.setNoFilter(new shared.Empty());
  return request(options);
}

/**
 * Events of a stream.
 * @param from the first revision; the stream's first, or last when reading backwards, when absent
 * @param count the most events to give
 */
export function streamRequest(
  streamId: string,
  { from, direction = 'forwards', count }: { from?: number; direction?: Direction; count: number },
): ReadReq {
  const stream = new streams.ReadReq.Options.StreamOptions();
  stream.setStreamIdentifier(streamIdentifier(streamId));
  if (from !== undefined) stream.setRevision(String(from));
  else if (direction === 'forwards') stream.setStart(new shared.Empty());
  else stream.setEnd(new shared.Empty());
  const options = readOptions(direction);
  options.setStream(stream);
  options.setCount(String(Math.min(count, Number.MAX_SAFE_INTEGER)));
  options.setNoFilter(new shared.Empty());
  return request(options);
}

export function streamIdentifier(streamId: string): shared.StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(new TextEncoder().encode(streamId));
  return identifier;
}

function readOptions(direction: Direction): ReadReq.Options {
  const options = new streams.ReadReq.Options();
  const ids = new streams.ReadReq.Options.UUIDOption();
  ids.setString(new shared.Empty());
  options.setUuidOption(ids);
  options.setResolveLinks(false);
  options.setReadDirection(direction === 'forwards' ? 0 : 1);
  return options;
}

function request(options: ReadReq.Options): ReadReq {
  const request = new streams.ReadReq();
  request.setOptions(options);
  return request;
}
