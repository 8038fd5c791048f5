import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import type { Access } from '../access/access.js';
import { ALL, type EventLog } from '../log/event-log.js';
import { invalidArgument, invalidPosition, streamDeleted, unexpectedArgument } from '../server/rpc-error.js';
import type { ServerVersion } from '../server/server-versions.js';
import { encodedEvent } from './event-encoder.js';
import { lastAllStreamPositionMessage, lastStreamPositionMessage, streamNotFoundMessage } from './event-messages.js';
import { Listener } from './listener.js';
import {
  allSource,
  readOptions,
  streamSource,
  type AllSource,
  type ReadOptions,
  type StreamSource,
} from './read-options.js';
import type { SharedPages } from './shared-pages.js';
import { subscribeToAll } from './subscribe-to-all.js';
import { subscribeToStream } from './subscribe-to-stream.js';

const PAGE = 256;

/** Reads a stream or the whole log: once, or for as long as the client listens. */
export async function read(
  log: EventLog,
  access: Access,
  call: ServerWritableStream<ReadReq, ReadResp | Buffer>,
  signal: AbortSignal,
  pages: SharedPages,
  version: ServerVersion,
): Promise<void> {
  const request = call.request.getOptions();
  if (!request) throw invalidArgument('The options are missing');
  const options = readOptions(request);
  const stream = request.hasStream() ? streamSource(request.getStream()!) : undefined;
  const all = request.hasAll() ? allSource(request, request.getAll()!) : undefined;
  if (!stream && !all) throw invalidArgument('A stream or $all is required');
  access.toStream(access.userOf(call.metadata), 'read', stream?.streamId ?? ALL);
  const listener = new Listener(call, signal);
  if (request.hasSubscription()) {
    if (options.backwards) throw invalidArgument('A subscription goes forwards');
    const subscriber = { log, pages, listener, options, version };
    await (stream ? subscribeToStream(subscriber, stream) : subscribeToAll(subscriber, all!));
    return;
  }
  const count = Math.min(Number(request.getCount()), Number.MAX_SAFE_INTEGER);
  await (stream ? readStream(log, listener, options, stream, count) : readAll(log, listener, options, all!, count));
}

async function readStream(
  log: EventLog,
  listener: Listener,
  { backwards, resolveLinks, uuidsAsText, wantsPositions }: ReadOptions,
  { streamId, from }: StreamSource,
  count: number,
): Promise<void> {
  // EventStoreDB's reader fails of what is no number of events, and of -1, which the end is, as a revision.
  if (count <= 0 || (from === 'end' && !backwards)) throw unexpectedArgument('Unexpected ReadStreamResult: Error');
  let next: number | 'end' = from === 'start' ? 0 : from;
  let last: number | undefined;
  for (let left = count; ;) {
    const page = log.readStreamOnce(streamId, { from: next, backwards, limit: Math.min(left, PAGE), resolveLinks });
    if (page.status === 'deleted') throw streamDeleted(streamId);
    if (page.status === 'not-found') {
      if (last === undefined) await listener.send(streamNotFoundMessage(streamId));
      return;
    }
    await listener.sendAll(page.events.map((event) => encodedEvent(event, uuidsAsText)));
    ({ next, last } = page);
    left -= page.events.length;
    if (page.end || left <= 0 || listener.hasGone) break;
  }
  if (wantsPositions) await listener.send(lastStreamPositionMessage(last));
}

async function readAll(
  log: EventLog,
  listener: Listener,
  { backwards, resolveLinks, uuidsAsText, wantsPositions }: ReadOptions,
  { from, filter }: AllSource,
  count: number,
): Promise<void> {
  if (typeof from === 'number' && !log.isPlace(from)) throw invalidPosition();
  let next = firstPosition(from, backwards);
  for (let left = count; ;) {
    const limit = Math.min(left, PAGE);
    const page = log.readAll({ from: next, backwards, limit, resolveLinks, test: filter?.test, window: PAGE });
    await listener.sendAll(page.events.map((event) => encodedEvent(event, uuidsAsText)));
    next = page.next;
    left -= page.events.length;
    if (page.end || left <= 0 || listener.hasGone) break;
    if (page.events.length === 0) await listener.pause();
  }
  if (wantsPositions) await listener.send(lastAllStreamPositionMessage(log.end()));
}

/** An event's own position belongs to what is read forwards from it, and not to what is read backwards. */
function firstPosition(from: number | 'start' | 'end', backwards: boolean): number {
  if (from === 'start') return 0;
  if (from === 'end') return Number.MAX_SAFE_INTEGER;
  return backwards ? from : from - 1;
}
