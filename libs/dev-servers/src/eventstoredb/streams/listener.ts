import type { ReadReq, ReadResp } from '@eventstore/db-client/generated/streams_pb.js';
import type { ServerWritableStream } from '@grpc/grpc-js';
import { once } from 'node:events';
import { setImmediate } from 'node:timers/promises';

/** A message, or the bytes of one. */
export type Message = ReadResp | Buffer;

/** The client at the other end of a read or subscription. */
export class Listener {
  constructor(
    private readonly call: ServerWritableStream<ReadReq, Message>,
    /** Aborted when the client has gone. */
    readonly signal: AbortSignal,
  ) {}

  get hasGone(): boolean {
    return this.signal.aborted;
  }

  /** Sends the messages. Waits when the client does not keep up, so that only some are held for it. */
  async sendAll(messages: readonly Message[]): Promise<void> {
    for (const message of messages) {
      if (this.hasGone) return;
      if (!this.call.write(message)) await this.#drained();
    }
  }

  /** Lets others have their turn: to be called where much is read and nothing sent. */
  async pause(): Promise<void> {
    await setImmediate();
  }

  send(message: Message): Promise<void> {
    return this.sendAll([message]);
  }

  /** Resolves when more can be sent, or the client has gone. */
  async #drained(): Promise<void> {
    await once(this.call, 'drain', { signal: this.signal }).catch(() => {});
  }
}
