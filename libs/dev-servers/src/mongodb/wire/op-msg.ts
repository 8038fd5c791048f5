import { crc32c } from './crc32c.js';
import { answerHeader, HEADER_BYTES, OpCode, type Frame } from './message-frames.js';
import { ProtocolError } from './protocol-error.js';

const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
const EXHAUST_ALLOWED = 1 << 16;
/** Of the lower half, whoever does not know a flag must refuse the message. */
const UNKNOWN_REQUIRED = 0xffff & ~(CHECKSUM_PRESENT | MORE_TO_COME);

/** A message of the kind that MongoDB speaks since 3.6. */
export interface OpMsg {
  readonly requestId: number;
  /** The sender wants no answer. */
  readonly moreToCome: boolean;
  /** The sender takes several answers to this one message. */
  readonly exhaustAllowed: boolean;
  /** The command, in BSON. */
  readonly body: Buffer;
  /** Arguments that came beside the command: for each name its documents, in BSON. */
  readonly sequences: ReadonlyMap<string, Buffer[]>;
}

/** @throws {ProtocolError} when it is malformed */
export function parseOpMsg({ requestId, bytes }: Frame): OpMsg {
  if (bytes.length < HEADER_BYTES + 4 + 1 + 5) throw new ProtocolError('The message is too short for a command');
  const flags = bytes.readUInt32LE(HEADER_BYTES);
  if (flags & UNKNOWN_REQUIRED) throw new ProtocolError(`The message has flags that nobody knows: ${flags}`);
  const sections = flags & CHECKSUM_PRESENT ? withoutChecksum(bytes) : bytes;
  let body: Buffer | undefined;
  const sequences = new Map<string, Buffer[]>();
  for (let at = HEADER_BYTES + 4; at < sections.length;) {
    const kind = sections[at]!;
    const payload = sized(sections, at + 1);
    at += 1 + payload.length;
    if (kind === 0) {
      if (body) throw new ProtocolError('The message has more than one command');
      body = payload;
    } else if (kind === 1) {
      const { name, documents } = sequence(payload);
      if (sequences.has(name)) throw new ProtocolError(`The message has ${name} twice`);
      sequences.set(name, documents);
    } else throw new ProtocolError(`The message has a section of kind ${kind}`);
  }
  if (!body) throw new ProtocolError('The message has no command');
  return {
    requestId,
    moreToCome: (flags & MORE_TO_COME) !== 0,
    exhaustAllowed: (flags & EXHAUST_ALLOWED) !== 0,
    body,
    sequences,
  };
}

function withoutChecksum(bytes: Buffer): Buffer {
  const end = bytes.length - 4;
  if (crc32c(bytes.subarray(0, end)) !== bytes.readUInt32LE(end)) throw new ProtocolError('The checksum is wrong');
  return bytes.subarray(0, end);
}

function sized(bytes: Buffer, at: number): Buffer {
  const size = at + 4 <= bytes.length ? bytes.readInt32LE(at) : -1;
  if (size < 5 || at + size > bytes.length) throw new ProtocolError('A part of the message goes beyond its end');
  return bytes.subarray(at, at + size);
}

function sequence(payload: Buffer): { name: string; documents: Buffer[] } {
  const end = payload.indexOf(0, 4);
  if (end < 0) throw new ProtocolError('A part of the message has no name');
  const documents: Buffer[] = [];
  for (let at = end + 1; at < payload.length;) {
    const document = sized(payload, at);
    documents.push(document);
    at += document.length;
  }
  return { name: payload.toString('utf8', 4, end), documents };
}

/**
 * An answer.
 * @param more whether another one follows unasked
 */
export function opMsgAnswer(document: Buffer, requestId: number, responseTo: number, more: boolean): Buffer {
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32LE(more ? MORE_TO_COME : 0);
  const header = answerHeader(prefix.length + document.length, requestId, responseTo, OpCode.message);
  return Buffer.concat([header, prefix, document]);
}
