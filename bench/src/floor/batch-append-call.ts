import type { EventStoreDBClient } from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js';
import streams, { type BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { EventToAppend } from '@gesta/core';
import type { ClientDuplexStream } from '@grpc/grpc-js';
import { randomUUID } from 'node:crypto';
import { metadataByHand } from './append-by-client.js';

type Call = ClientDuplexStream<streams.BatchAppendReq, BatchAppendResp>;

/**
 * Batch appends coded for one measurement on the client's own connection: one call, the answers found by their ids. No
 * time limit, no retry, and an error ends the process.
 */
export class BatchAppendCall {
  readonly #waiting = new Map<string, () => void>();

  private constructor(private readonly call: Call) {
    call.on('data', (response: BatchAppendResp) => {
      if (response.hasError()) throw new Error(response.getError()!.getMessage());
      const id = response.getCorrelationId()!.getString();
      this.#waiting.get(id)!();
      this.#waiting.delete(id);
    });
  }

  static async open(client: EventStoreDBClient): Promise<BatchAppendCall> {
    const open = client['GRPCStreamCreator'](StreamsClient, 'batchAppend', (streams) =>
      streams.batchAppend(...client['callArguments']({}, { deadline: Infinity })),
    );
    return new BatchAppendCall(await open());
  }

  append(stream: string, revision: number, { id, type, data, ...kept }: EventToAppend): Promise<void> {
    const identifier = new shared.StreamIdentifier();
    identifier.setStreamName(Buffer.from(stream));
    const options = new streams.BatchAppendReq.Options();
    options.setStreamIdentifier(identifier);
    if (revision === 0) options.setNoStream(new shared.Empty());
    else options.setStreamPosition(String(revision - 1));
    const message = new streams.BatchAppendReq.ProposedMessage();
    message.setId(uuid(id));
    message.getMetadataMap().set('type', type).set('content-type', 'application/json');
    message.setData(Buffer.from(JSON.stringify(data)));
    message.setCustomMetadata(Buffer.from(JSON.stringify(metadataByHand(kept))));
    const request = new streams.BatchAppendReq();
    const correlation = randomUUID();
    request.setCorrelationId(uuid(correlation));
    request.setOptions(options);
    request.addProposedMessages(message);
    request.setIsFinal(true);
    return new Promise((resolve) => {
      this.#waiting.set(correlation, resolve);
      this.call.write(request);
    });
  }

  end(): void {
    this.call.end();
  }
}

function uuid(text: string): shared.UUID {
  const uuid = new shared.UUID();
  uuid.setString(text);
  return uuid;
}
