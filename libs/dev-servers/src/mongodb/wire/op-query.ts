import { answerHeader, HEADER_BYTES, OpCode, type Frame } from './message-frames.js';
import { ProtocolError } from './protocol-error.js';

/** A message of the old kind; drivers open a connection with one because they do not know yet what the server speaks. */
export interface OpQuery {
  readonly requestId: number;
  readonly database: string;
  readonly collection: string;
  /** The command, in BSON. */
  readonly body: Buffer;
}

/** @throws {ProtocolError} when it is malformed */
export function parseOpQuery({ requestId, bytes }: Frame): OpQuery {
  const end = bytes.indexOf(0, HEADER_BYTES + 4);
  const at = end + 1 + 8;
  const size = end >= 0 && at + 4 <= bytes.length ? bytes.readInt32LE(at) : -1;
  if (size < 5 || at + size > bytes.length) throw new ProtocolError('The query goes beyond the end of its message');
  const namespace = bytes.toString('utf8', HEADER_BYTES + 4, end);
  const dot = namespace.indexOf('.');
  if (dot < 1) throw new ProtocolError('The query names no collection');
  return {
    requestId,
    database: namespace.slice(0, dot),
    collection: namespace.slice(dot + 1),
    body: bytes.subarray(at, at + size),
  };
}

/** An answer of the old kind, with one document. */
export function opReply(document: Buffer, requestId: number, responseTo: number): Buffer {
  const prefix = Buffer.alloc(20); // flags, cursor, where the documents begin
  prefix.writeInt32LE(1, 16);
  const header = answerHeader(prefix.length + document.length, requestId, responseTo, OpCode.reply);
  return Buffer.concat([header, prefix, document]);
}
