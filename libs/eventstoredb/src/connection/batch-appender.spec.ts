import shared from '@eventstore/db-client/generated/shared_pb.js';
import statuses from '@eventstore/db-client/generated/status_pb.js';
import streams, {
  type BatchAppendReq,
  type BatchAppendResp,
  type ReadReq,
  type ReadResp,
} from '@eventstore/db-client/generated/streams_pb.js';
import { AppendTooLarge, StoreUnavailable, WrongExpectedRevision, type ExpectedRevision } from '@gesta/core';
import { status, type ServerDuplexStream, type ServerWritableStream } from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from '@jest/globals';
import any from 'google-protobuf/google/protobuf/any_pb.js';
import { anEvent, events } from '../../test/events.js';
import { FakeServer } from '../../test/fake-server.js';
import { EventStoreDBEventStore } from '../eventstoredb-event-store.js';

type Call = ServerDuplexStream<BatchAppendReq, BatchAppendResp>;
type Answer = (response: BatchAppendResp, request: BatchAppendReq, call: Call) => void;

/** An error as the server packs it. */
const failed =
  (message: string, details?: { type: string; bytes?: Uint8Array }): Answer =>
  (response) => {
    const failure = new statuses.Status();
    failure.setMessage(message);
    const packed = new any.Any();
    packed.pack(details?.bytes ?? new Uint8Array(), details?.type ?? 'google.protobuf.Empty');
    failure.setDetails(packed);
    response.setError(failure);
  };

const succeeded =
  (revision: number, commit: bigint | undefined): Answer =>
  (response) => {
    const success = new streams.BatchAppendResp.Success();
    success.setCurrentRevision(String(revision));
    if (commit !== undefined) {
      const position = new shared.AllStreamPosition();
      position.setCommitPosition(String(commit));
      position.setPreparePosition(String(commit));
      success.setPosition(position);
    }
    response.setSuccess(success);
  };

describe('appending, by what the server answers', () => {
  const ends: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of ends.splice(0).toReversed()) await end();
  });

  /** A store whose server gives these answers, one after the other. Every stream is empty. */
  const answered = async (...answers: Answer[]): Promise<EventStoreDBEventStore> => {
    const server = await FakeServer.start('23.10.0', {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => call.end(),
      batchAppend: (call: Call) => {
        call.on('error', () => undefined);
        call.on('data', (request: BatchAppendReq) => {
          if (!request.getIsFinal()) return;
          const response = new streams.BatchAppendResp();
          response.setCorrelationId(request.getCorrelationId());
          answers.shift()?.(response, request, call);
          if (response.getSuccess() || response.getError()) call.write(response);
        });
      },
    });
    ends.push(() => server.stop());
    const store = await EventStoreDBEventStore.open(`${server.url}&defaultDeadline=300`, { patienceMs: 1_000 });
    ends.push(() => store.close());
    return store;
  };
  const append = (store: EventStoreDBEventStore, expected: ExpectedRevision = 'any') =>
    store.append('test-1', [anEvent()], { expected });

  it('tries again what the server has not even looked at, whatever is expected', async () => {
    for (const message of ['Server Is Not Ready', 'Server Is Busy', 'No leader info available in response']) {
      const store = await answered(failed(message), failed(message), succeeded(4, 100n));
      expect(await append(store)).toEqual({ revision: 4, position: 100n });
    }
  });

  it('takes an event that is too large for what it is, with what the server says, and does not try again', async () => {
    // MaximumAppendEventSizeExceeded { eventId: 'e', proposedEventSize: 300, maxAppendEventSize: 1024 }
    const bytes = Uint8Array.from([0x0a, 1, 0x65, 0x10, 0xac, 0x02, 0x18, 0x80, 0x08]);
    const tooLarge = failed('', { type: 'event_store.client.MaximumAppendEventSizeExceeded', bytes });
    for (const expected of ['any', 'no-stream', 3] as const) {
      const refusal = await append(await answered(tooLarge, succeeded(0, 1n)), expected).catch(
        (error: unknown) => error,
      );
      expect(refusal).toBeInstanceOf(AppendTooLarge);
      expect(refusal).toMatchObject({ streamId: 'test-1', mostBytes: 1_024 });
      expect((refusal as Error).message).toMatch(/MaxAppendEventSize/);
    }
  });

  it.each(['Object reference not set to an instance of an object.', ''])(
    'does not know what became of it when something in the server failed: %s',
    async (message) => {
      await expect(append(await answered(failed(message), succeeded(1, 1n)))).rejects.toThrow(StoreUnavailable);
      expect(await append(await answered(failed(message), succeeded(8, 100n)), 7)).toEqual({
        revision: 8,
        position: 100n,
      });
    },
  );

  it.each(['Timeout', 'Unknown'])('does not know what became of it at %s', async (type) => {
    const failure = failed('', { type: `event_store.client.${type}` });
    await expect(append(await answered(failure, succeeded(1, 1n)))).rejects.toThrow(StoreUnavailable);
    const again = await answered(failure, succeeded(8, 100n));
    expect(await append(again, 7)).toEqual({ revision: 8, position: 100n });
  });

  it('waits no longer than the deadline for an answer, and is not confused by one that comes later', async () => {
    let late: (() => void) | undefined;
    const store = await answered(
      (response, request, call) => {
        late = () => {
          const answer = new streams.BatchAppendResp();
          answer.setCorrelationId(request.getCorrelationId());
          succeeded(0, 1n)(answer, request, call);
          call.write(answer);
        };
      },
      (response, request, call) => {
        late?.();
        succeeded(5, 500n)(response, request, call);
      },
    );
    await expect(append(store)).rejects.toThrow(
      /does not confirm the append \(no answer within 300 ms\): has its cluster lost the quorum/,
    );
    expect(await append(store)).toEqual({ revision: 5, position: 500n });
  });

  it('knows its answers also by ids of the other form', async () => {
    const store = await answered((response, request, call) => {
      const hex = request.getCorrelationId()!.getString().replaceAll('-', '');
      const structured = new shared.UUID.Structured();
      structured.setMostSignificantBits(String(BigInt.asIntN(64, BigInt(`0x${hex.slice(0, 16)}`))));
      structured.setLeastSignificantBits(String(BigInt.asIntN(64, BigInt(`0x${hex.slice(16)}`))));
      const id = new shared.UUID();
      id.setStructured(structured);
      response.setCorrelationId(id);
      succeeded(2, 20n)(response, request, call);
    });
    expect(await append(store)).toEqual({ revision: 2, position: 20n });
  });

  it('fails what waits when the call is broken, and begins another', async () => {
    const broken: Answer = (_response, _request, call) =>
      call.emit('error', { code: status.UNAVAILABLE, details: 'gone' });
    await expect(append(await answered(broken))).rejects.toThrow(/cannot be reached \(.*gone.*\)/);
    expect(await append(await answered(broken, succeeded(3, 30n)), 2)).toEqual({ revision: 3, position: 30n });
  });

  it('takes a mismatch for what it is', async () => {
    const wrong = new shared.WrongExpectedVersion();
    wrong.setCurrentStreamRevision('9');
    const mismatch = failed('', { type: 'event_store.client.WrongExpectedVersion', bytes: wrong.serializeBinary() });
    const refusal = await append(await answered(mismatch), 7).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WrongExpectedRevision);
    expect(refusal).toMatchObject({ streamId: 'test-1', expected: 7, actual: 9 });
  });

  it('is refused without the right to write, and where the server takes it for nonsense', async () => {
    const denied = failed('', { type: 'event_store.client.AccessDenied' });
    await expect(append(await answered(denied))).rejects.toThrow(
      /denies access to test-1: give the user of the URL the right/,
    );
    const bad = new shared.BadRequest();
    bad.setMessage('no GUID');
    const refused = failed('', { type: 'event_store.client.BadRequest', bytes: bad.serializeBinary() });
    await expect(append(await answered(refused))).rejects.toThrow(
      'test-1: the server does not take this append: no GUID',
    );
  });

  it('says so when the server recognises events that were removed', async () => {
    await expect(append(await answered(succeeded(2, undefined)), 1)).rejects.toThrow(/recognises the events' ids, but/);
    await expect(append(await answered(succeeded(2, 2n ** 64n - 1n)), 1)).rejects.toThrow(/append them under new ids/);
  });

  it('sends what is long in several messages, as one append', async () => {
    const messages: number[] = [];
    const server = await FakeServer.start('23.10.0', {
      read: (call: ServerWritableStream<ReadReq, ReadResp>) => call.end(),
      batchAppend: (call: Call) => {
        call.on('error', () => undefined);
        call.on('data', (request: BatchAppendReq) => {
          messages.push(request.getProposedMessagesList().length);
          expect(request.hasOptions()).toBe(messages.length === 1);
          if (!request.getIsFinal()) return;
          const response = new streams.BatchAppendResp();
          response.setCorrelationId(request.getCorrelationId());
          succeeded(messages.reduce((sum, count) => sum + count) - 1, 1n)(response, request, call);
          call.write(response);
        });
      },
    });
    ends.push(() => server.stop());
    const store = await EventStoreDBEventStore.open(server.url);
    ends.push(() => store.close());
    const long = events(30).map((event) => ({ ...event, data: { text: 'x'.repeat(100_000) } }));
    expect(await store.append('test-1', long, { expected: 'no-stream' })).toMatchObject({ revision: 29 });
    expect(messages.length).toBeGreaterThan(1);
  });
});
