import { once } from 'node:events';
import type { Socket } from 'node:net';
import { OpCode, type Frame, MessageFrames } from './message-frames.js';
import { opMsgAnswer, parseOpMsg } from './op-msg.js';
import { opReply, parseOpQuery } from './op-query.js';
import { ProtocolError } from './protocol-error.js';

/** A client that has sent so much ahead of its answers is not listened to until they are given, in bytes. */
const MAX_WAITING_BYTES = 1_000_000;

/** A command as it came, in BSON. */
export interface RawCommand {
  readonly body: Buffer;
  /** Arguments that came beside the command. */
  readonly sequences: ReadonlyMap<string, Buffer[]>;
  /** Where the old kind of message names the database; the new one does it inside the command. */
  readonly database?: string;
}

/** What a command is answered with, in BSON. */
export interface RawAnswer {
  readonly document: Buffer;
  /** Whether the command is one that can go on answering unasked. */
  readonly repeatable?: boolean;
}

/** Answers a command; failures are answers too. It throws a {@link ProtocolError} to close the connection. */
export type Answering = (command: RawCommand, connection: ClientConnection) => Promise<RawAnswer>;

let lastRequestId = 0;
const nextRequestId = () => (lastRequestId = (lastRequestId + 1) & 0x7fffffff);

/** One client: answers its messages one after the other, and reads no faster than it can answer. */
export class ClientConnection {
  readonly #frames = new MessageFrames();
  readonly #waiting: Frame[] = [];
  readonly #ended = new AbortController();
  #waitingBytes = 0;
  #working = false;

  /** @param id tells the connections of one server apart */
  constructor(
    readonly id: number,
    private readonly socket: Socket,
    private readonly answering: Answering,
  ) {
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => undefined); // it is closed next, and nobody is there to be told
    socket.on('close', () => this.#ended.abort());
  }

  /** Aborted when the client is gone. */
  get ended(): AbortSignal {
    return this.#ended.signal;
  }

  /** The address the client came from, such as `127.0.0.1:50123`. */
  get remote(): string {
    return `${this.socket.remoteAddress}:${this.socket.remotePort}`;
  }

  /** Hangs up. */
  close(): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const frame of this.#frames.push(chunk)) {
        this.#waiting.push(frame);
        this.#waitingBytes += frame.bytes.length;
      }
    } catch {
      return this.close(); // where the next message begins is unknown now
    }
    if (this.#waitingBytes > MAX_WAITING_BYTES) this.socket.pause();
    void this.#work();
  }

  async #work(): Promise<void> {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let frame = this.#waiting.shift(); frame && !this.ended.aborted; frame = this.#waiting.shift()) {
        this.#waitingBytes -= frame.bytes.length;
        await this.#answer(frame);
      }
      this.socket.resume();
    } catch {
      this.close();
    } finally {
      this.#working = false;
    }
  }

  #answer(frame: Frame): Promise<void> {
    if (frame.opCode === OpCode.message) return this.#answerMessage(frame);
    if (frame.opCode === OpCode.query) return this.#answerQuery(frame);
    throw new ProtocolError(`Messages of kind ${frame.opCode} are not understood`);
  }

  async #answerMessage(frame: Frame): Promise<void> {
    const message = parseOpMsg(frame);
    let responseTo = message.requestId;
    for (;;) {
      const { document, repeatable = false } = await this.answering(message, this);
      if (message.moreToCome) return;
      const requestId = nextRequestId();
      const more = repeatable && message.exhaustAllowed;
      await this.#send(opMsgAnswer(document, requestId, responseTo, more));
      if (!more) return;
      responseTo = requestId;
    }
  }

  async #answerQuery(frame: Frame): Promise<void> {
    const { requestId, database, collection, body } = parseOpQuery(frame);
    if (collection !== '$cmd') throw new ProtocolError('Queries are sent as commands since MongoDB 3.6');
    const { document } = await this.answering({ body, sequences: new Map(), database }, this);
    await this.#send(opReply(document, nextRequestId(), requestId));
  }

  /** Waits for a client that does not read its answers. */
  async #send(bytes: Buffer): Promise<void> {
    this.ended.throwIfAborted();
    if (!this.socket.write(bytes)) await once(this.socket, 'drain', { signal: this.ended });
  }
}
