import streams from '@eventstore/db-client/generated/streams_pb.js';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TOMBSTONE_REVISION, type LogEvent } from '../log/log-event.js';
import { uuidText } from '../server/stream-identifier.js';
import { encodedEvent } from './event-encoder.js';

const event: fc.Arbitrary<LogEvent> = fc.record({
  position: fc.maxSafeNat(),
  streamId: fc.string({ unit: 'binary', minLength: 1, maxLength: 200 }),
  revision: fc.oneof(fc.maxSafeNat(), fc.constant(TOMBSTONE_REVISION)),
  id: fc.uuid(),
  type: fc.string({ unit: 'binary', maxLength: 200 }),
  isJson: fc.boolean(),
  created: fc.integer({ min: 1, max: 4e15 }),
  data: fc.uint8Array({ maxLength: 300 }),
  metadata: fc.uint8Array({ maxLength: 300 }),
});

function decoded(
  message: InstanceType<typeof streams.ReadResp.ReadEvent.RecordedEvent> | undefined,
): LogEvent | undefined {
  if (!message) return undefined;
  const metadata = message.getMetadataMap();
  const revision = message.getStreamRevision();
  expect(message.getPreparePosition()).toBe(message.getCommitPosition());
  return {
    position: Number(message.getCommitPosition()),
    streamId: Buffer.from(message.getStreamIdentifier()!.getStreamName_asU8()).toString('utf8'),
    revision: revision === '9223372036854775807' ? TOMBSTONE_REVISION : Number(revision),
    id: uuidText(message.getId()),
    type: metadata.get('type')!,
    isJson: metadata.get('content-type') === 'application/json',
    created: Number(BigInt(metadata.get('created')!) / 10n),
    data: Uint8Array.from(message.getData_asU8()),
    metadata: Uint8Array.from(message.getCustomMetadata_asU8()),
  };
}

describe('an event on the wire', () => {
  it('is what the generated classes read', () => {
    fc.assert(
      fc.property(fc.option(event), fc.option(event), fc.boolean(), (event, link, uuidsAsText) => {
        fc.pre(event !== null || link !== null);
        const resolved = { event: event ?? undefined, link: link ?? undefined };
        const message = streams.ReadResp.deserializeBinary(encodedEvent(resolved, uuidsAsText)).getEvent()!;
        expect(decoded(message.getEvent())).toEqual(resolved.event);
        expect(decoded(message.getLink())).toEqual(resolved.link);
        expect(Number(message.getCommitPosition())).toBe((link ?? event)!.position);
        expect(message.getEvent()?.getId()?.hasString() ?? uuidsAsText).toBe(uuidsAsText);
      }),
    );
  });
});
