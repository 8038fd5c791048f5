import { BSON } from 'mongodb';

const HEADER = 16;
const OP_MSG = 2013;
/** Of a reply. */
const NO_FLAGS = 0;

/** One message of MongoDB's wire protocol. */
export interface WireMessage {
  readonly requestId: number;
  readonly responseTo: number;
  readonly bytes: Buffer;
  /** The command's name, where it is one. */
  readonly command: string | undefined;
}

/** Cuts what comes over a connection into messages. */
export class WireMessages {
  private left: Buffer = Buffer.alloc(0);

  /** @returns the messages that are complete with these bytes */
  push(bytes: Buffer): WireMessage[] {
    this.left = this.left.length === 0 ? bytes : Buffer.concat([this.left, bytes]);
    const messages: WireMessage[] = [];
    while (this.left.length >= HEADER) {
      const size = this.left.readInt32LE(0);
      if (size > this.left.length) break;
      messages.push(toMessage(this.left.subarray(0, size)));
      this.left = this.left.subarray(size);
    }
    return messages;
  }
}

function toMessage(bytes: Buffer): WireMessage {
  return {
    requestId: bytes.readInt32LE(4),
    responseTo: bytes.readInt32LE(8),
    bytes,
    command: bytes.readInt32LE(12) === OP_MSG ? firstField(bytes) : undefined,
  };
}

/** Of the document that is the command itself: the name of its first field, behind its length and its type. */
function firstField(bytes: Buffer): string | undefined {
  const document = HEADER + 4 + 1; // flags, and the kind of the section
  if (bytes[document - 1] !== 0) return undefined;
  const name = document + 4 + 1;
  return bytes.toString('utf8', name, bytes.indexOf(0, name));
}

/** An answer to a command that says it has failed. */
export function refusal({ requestId }: WireMessage, code: number, codeName: string, errmsg: string): Buffer {
  const document = BSON.serialize({ ok: 0, errmsg, code, codeName });
  const head = Buffer.alloc(HEADER + 4 + 1);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE(requestId, 8);
  head.writeInt32LE(OP_MSG, 12);
  head.writeInt32LE(NO_FLAGS, HEADER);
  return Buffer.concat([head, document]);
}
