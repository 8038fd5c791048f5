import { originalOf, TOMBSTONE_REVISION, type LogEvent, type ResolvedEvent } from '../log/log-event.js';
import { uuidMessage } from '../server/stream-identifier.js';

/**
 * The wire form of `ReadResp` with an event, written by hand: reading spends most of its time here, and the generated
 * classes take six times as long.
 *
 * Tags are the field's number times eight, plus 0 for a number and 2 for bytes.
 */
const RESPONSE_EVENT = 0x0a;
const READ_EVENT = 0x0a;
const READ_LINK = 0x12;
const READ_COMMIT_POSITION = 0x18;
const EVENT_ID = 0x0a;
const EVENT_STREAM = 0x12;
const EVENT_REVISION = 0x18;
const EVENT_PREPARE_POSITION = 0x20;
const EVENT_COMMIT_POSITION = 0x28;
const EVENT_PROPERTY = 0x32;
const EVENT_METADATA = 0x3a;
const EVENT_DATA = 0x42;
const STREAM_NAME = 0x1a;
const UUID_TEXT = 0x12;
const PROPERTY_KEY = 0x0a;
const PROPERTY_VALUE = 0x12;

const UUID_LENGTH = 36;
const LARGEST_REVISION = Buffer.from('ffffffffffffffff7f', 'hex');
const JSON_CONTENT = property('content-type', 'application/json');
const BINARY_CONTENT = property('content-type', 'application/octet-stream');

/** @param uuidsAsText whether ids are sent as text, and not as two numbers */
export function encodedEvent(resolved: ResolvedEvent, uuidsAsText: boolean): Buffer {
  const event = resolved.event && recordedEvent(resolved.event, uuidsAsText);
  const link = resolved.link && recordedEvent(resolved.link, uuidsAsText);
  const { position } = originalOf(resolved);
  const inner = fieldSize(event) + fieldSize(link) + 1 + numberSize(position);
  const buffer = Buffer.allocUnsafe(1 + numberSize(inner) + inner);
  let at = number(buffer, 0, RESPONSE_EVENT, inner);
  if (event) at = bytes(buffer, at, READ_EVENT, event);
  if (link) at = bytes(buffer, at, READ_LINK, link);
  number(buffer, at, READ_COMMIT_POSITION, position);
  return buffer;
}

function recordedEvent(event: LogEvent, uuidsAsText: boolean): Buffer {
  const { revision, position, data, metadata } = event;
  const id = uuidsAsText ? textId(event.id) : Buffer.from(uuidMessage(event.id, false).serializeBinary());
  const nameLength = Buffer.byteLength(event.streamId);
  const streamLength = 1 + numberSize(nameLength) + nameLength;
  const type = property('type', event.type);
  const created = property('created', `${event.created}0`); // ticks of 100 nanoseconds
  const content = event.isJson ? JSON_CONTENT : BINARY_CONTENT;
  const isTombstone = revision === TOMBSTONE_REVISION;
  const revisionSize = isTombstone ? LARGEST_REVISION.length : numberSize(revision);
  const buffer = Buffer.allocUnsafe(
    fieldSize(id) +
      1 +
      numberSize(streamLength) +
      streamLength +
      1 +
      revisionSize +
      2 * (1 + numberSize(position)) +
      type.length +
      created.length +
      content.length +
      fieldSize(metadata) +
      fieldSize(data),
  );
  let at = bytes(buffer, 0, EVENT_ID, id);
  at = number(buffer, at, EVENT_STREAM, streamLength);
  at = number(buffer, at, STREAM_NAME, nameLength);
  at += buffer.write(event.streamId, at);
  if (isTombstone) {
    buffer[at] = EVENT_REVISION;
    at += 1 + LARGEST_REVISION.copy(buffer, at + 1);
  } else {
    at = number(buffer, at, EVENT_REVISION, revision);
  }
  at = number(buffer, at, EVENT_PREPARE_POSITION, position);
  at = number(buffer, at, EVENT_COMMIT_POSITION, position);
  at += type.copy(buffer, at);
  at += created.copy(buffer, at);
  at += content.copy(buffer, at);
  at = bytes(buffer, at, EVENT_METADATA, metadata);
  bytes(buffer, at, EVENT_DATA, data);
  return buffer;
}

function textId(id: string): Buffer {
  const buffer = Buffer.allocUnsafe(2 + UUID_LENGTH);
  buffer.write(id, number(buffer, 0, UUID_TEXT, UUID_LENGTH), 'latin1');
  return buffer;
}

/** An entry of the map that holds an event's type and the like. */
function property(key: string, value: string): Buffer {
  const keyLength = Buffer.byteLength(key);
  const valueLength = Buffer.byteLength(value);
  const length = 1 + numberSize(keyLength) + keyLength + 1 + numberSize(valueLength) + valueLength;
  const buffer = Buffer.allocUnsafe(1 + numberSize(length) + length);
  let at = number(buffer, 0, EVENT_PROPERTY, length);
  at = number(buffer, at, PROPERTY_KEY, keyLength);
  at += buffer.write(key, at);
  at = number(buffer, at, PROPERTY_VALUE, valueLength);
  buffer.write(value, at);
  return buffer;
}

/** @returns how many bytes it takes with its tag and length; none when there is nothing */
function fieldSize(content: Uint8Array | undefined): number {
  return content ? 1 + numberSize(content.length) + content.length : 0;
}

/** @returns where to write next */
function bytes(buffer: Buffer, at: number, tag: number, content: Uint8Array): number {
  const start = number(buffer, at, tag, content.length);
  buffer.set(content, start);
  return start + content.length;
}

function numberSize(value: number): number {
  let size = 1;
  for (let rest = value; rest >= 128; rest = Math.floor(rest / 128)) size++;
  return size;
}

/** @returns where to write next */
function number(buffer: Buffer, at: number, tag: number, value: number): number {
  buffer[at++] = tag;
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) buffer[at++] = (rest % 128) | 128;
  buffer[at++] = rest;
  return at;
}
