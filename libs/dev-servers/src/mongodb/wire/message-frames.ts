import { ProtocolError } from './protocol-error.js';
import { MAX_MESSAGE_BYTES } from './server-limits.js';

/** What a message may be; the codes are the protocol's. */
export const OpCode = { reply: 1, query: 2004, compressed: 2012, message: 2013 } as const;

/** The bytes before the message proper: its length, its id, the id it answers and its kind. */
export const HEADER_BYTES = 16;

/** One message as it came. */
export interface Frame {
  readonly requestId: number;
  readonly opCode: number;
  /** All of it, with the header. */
  readonly bytes: Buffer;
}

/** Cuts the stream of bytes that a client sends into messages. */
export class MessageFrames {
  #chunks: Buffer[] = [];
  #length = 0;

  /**
   * Takes the next bytes.
   * @returns the messages that are complete with them
   * @throws {ProtocolError} when a message says that it is shorter than its header or longer than any may be
   */
  push(chunk: Buffer): Frame[] {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    const frames: Frame[] = [];
    for (;;) {
      const size = this.#nextSize();
      if (size === undefined || size > this.#length) return frames;
      frames.push(toFrame(this.#take(size)));
    }
  }

  #nextSize(): number | undefined {
    if (this.#length < HEADER_BYTES) return undefined;
    if (this.#chunks[0]!.length < 4) this.#chunks = [Buffer.concat(this.#chunks)];
    const size = this.#chunks[0]!.readInt32LE(0);
    if (size < HEADER_BYTES || size > MAX_MESSAGE_BYTES) throw new ProtocolError(`A message cannot have ${size} bytes`);
    return size;
  }

  #take(size: number): Buffer {
    const all = this.#chunks.length === 1 ? this.#chunks[0]! : Buffer.concat(this.#chunks, this.#length);
    this.#length -= size;
    this.#chunks = this.#length > 0 ? [all.subarray(size)] : [];
    return all.subarray(0, size);
  }
}

function toFrame(bytes: Buffer): Frame {
  return { requestId: bytes.readInt32LE(4), opCode: bytes.readInt32LE(12), bytes };
}

/** The header of an answer. */
export function answerHeader(bodyBytes: number, requestId: number, responseTo: number, opCode: number): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeInt32LE(HEADER_BYTES + bodyBytes, 0);
  header.writeInt32LE(requestId, 4);
  header.writeInt32LE(responseTo, 8);
  header.writeInt32LE(opCode, 12);
  return header;
}
