import { Double, Long, serialize } from 'bson';
import type { BsonDocument } from '../semantics/bson-document.js';

/** A batch of a cursor; its documents are in BSON already. */
export class CursorBatch {
  /**
   * @param cursorId zero when there is nothing more to get
   * @param namespace what the cursor reads
   */
  constructor(
    readonly field: 'firstBatch' | 'nextBatch',
    readonly documents: readonly Uint8Array[],
    readonly cursorId: bigint,
    readonly namespace: string,
  ) {}
}

/** What a command that succeeded is answered with. */
export type Reply = BsonDocument | CursorBatch;

/** The reply in BSON, `ok: 1` included. */
export function encodeReply(reply: Reply): Buffer {
  if (!(reply instanceof CursorBatch)) return Buffer.from(serialize({ ...reply, ok: new Double(1) }));
  const batch = element(0x04, reply.field, arrayOf(reply.documents));
  const rest = inside(serialize({ id: Long.fromBigInt(reply.cursorId), ns: reply.namespace }));
  const cursor = element(0x03, 'cursor', documentOf([...batch, rest]));
  return Buffer.concat(documentOf([...cursor, inside(serialize({ ok: new Double(1) }))]));
}

const END = Buffer.of(0);

function arrayOf(documents: readonly Uint8Array[]): Uint8Array[] {
  return documentOf(documents.flatMap((document, index) => element(0x03, String(index), [document])));
}

function element(type: number, name: string, value: readonly Uint8Array[]): Uint8Array[] {
  return [Buffer.from(`${String.fromCharCode(type)}${name}\0`, 'latin1'), ...value];
}

function documentOf(parts: readonly Uint8Array[]): Uint8Array[] {
  const size = Buffer.alloc(4);
  size.writeInt32LE(parts.reduce((total, part) => total + part.length, 5));
  return [size, ...parts, END];
}

/** The elements of a document without its size and end. */
const inside = (document: Uint8Array) => document.subarray(4, -1);
