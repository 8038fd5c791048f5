import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams, { type ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import { streamIdentifier } from '../server/stream-identifier.js';

const { ReadResp: Response } = streams;

export function streamNotFoundMessage(streamId: string): ReadResp {
  const notFound = new Response.StreamNotFound();
  notFound.setStreamIdentifier(streamIdentifier(streamId));
  const response = new Response();
  response.setStreamNotFound(notFound);
  return response;
}

export function confirmationMessage(subscriptionId: string): ReadResp {
  const confirmation = new Response.SubscriptionConfirmation();
  confirmation.setSubscriptionId(subscriptionId);
  const response = new Response();
  response.setConfirmation(confirmation);
  return response;
}

export function checkpointMessage(position: number): ReadResp {
  const checkpoint = new Response.Checkpoint();
  checkpoint.setCommitPosition(String(position));
  checkpoint.setPreparePosition(String(position));
  const response = new Response();
  response.setCheckpoint(checkpoint);
  return response;
}

/** At -1, which is 2^64-1 without a sign. */
export function nowhereCheckpointMessage(): ReadResp {
  const checkpoint = new Response.Checkpoint();
  checkpoint.setCommitPosition('18446744073709551615');
  checkpoint.setPreparePosition('18446744073709551615');
  const response = new Response();
  response.setCheckpoint(checkpoint);
  return response;
}

export function caughtUpMessage(): ReadResp {
  const response = new Response();
  response.setCaughtUp(new Response.CaughtUp());
  return response;
}

export function fellBehindMessage(): ReadResp {
  const response = new Response();
  response.setFellBehind(new Response.FellBehind());
  return response;
}

export function lastStreamPositionMessage(revision: number): ReadResp {
  const response = new Response();
  response.setLastStreamPosition(String(revision));
  return response;
}

export function lastAllStreamPositionMessage(position: number): ReadResp {
  const message = new shared.AllStreamPosition();
  message.setCommitPosition(String(position));
  message.setPreparePosition(String(position));
  const response = new Response();
  response.setLastAllStreamPosition(message);
  return response;
}
