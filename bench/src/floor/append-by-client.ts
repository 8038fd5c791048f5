import { jsonEvent, NO_STREAM, type EventStoreDBClient } from '@eventstore/db-client';
import type { EventToAppend, JsonObject } from '@gesta/core';

/** Appends an event as an application does that has the client and nothing else. */
export async function appendByClient(
  client: EventStoreDBClient,
  stream: string,
  revision: number,
  { id, type, data, ...kept }: EventToAppend,
): Promise<void> {
  const event = jsonEvent({ id, type, data, metadata: metadataByHand(kept) });
  const expectedRevision = revision === 0 ? NO_STREAM : BigInt(revision - 1);
  await client.appendToStream(stream, event, { expectedRevision });
}

/** Of the same size as ours. */
export function metadataByHand({
  version,
  headers: { correlationId, ...headers },
}: Pick<EventToAppend, 'version' | 'headers'>): JsonObject {
  return { eventVersion: version, $correlationId: correlationId!, ...headers } as JsonObject;
}
