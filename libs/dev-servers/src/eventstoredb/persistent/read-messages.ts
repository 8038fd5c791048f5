import persistent, { type ReadResp } from '@eventstore/db-client/generated/persistent_pb.js';
import { revisionText, type LogEvent } from '../log/log-event.js';
import { streamIdentifier, uuidMessage } from '../server/stream-identifier.js';
import type { Message } from './message.js';

const { ReadResp: Response } = persistent;

/** What a consumer gets first. */
export function confirmationMessage(subscriptionId: string): ReadResp {
  return new Response().setSubscriptionConfirmation(
    new Response.SubscriptionConfirmation().setSubscriptionId(subscriptionId),
  );
}

/** @param uuidsAsText whether ids are sent as text, and not as two numbers */
export function eventMessage({ event: { event, link }, retries }: Message, uuidsAsText: boolean): ReadResp {
  const message = new Response.ReadEvent();
  if (event) message.setEvent(recordedEvent(event, uuidsAsText));
  if (link) message.setLink(recordedEvent(link, uuidsAsText));
  message.setCommitPosition(String((link ?? event)!.position));
  message.setRetryCount(retries);
  return new Response().setEvent(message);
}

function recordedEvent(event: LogEvent, uuidsAsText: boolean): ReadResp.ReadEvent.RecordedEvent {
  const message = new Response.ReadEvent.RecordedEvent()
    .setId(uuidMessage(event.id, uuidsAsText))
    .setStreamIdentifier(streamIdentifier(event.streamId))
    .setStreamRevision(revisionText(event.revision))
    .setCommitPosition(String(event.position))
    .setPreparePosition(String(event.position))
    .setData(event.data)
    .setCustomMetadata(event.metadata);
  message
    .getMetadataMap()
    .set('type', event.type)
    .set('created', `${event.created}0`) // ticks of 100 nanoseconds
    .set('content-type', event.isJson ? 'application/json' : 'application/octet-stream');
  return message;
}
