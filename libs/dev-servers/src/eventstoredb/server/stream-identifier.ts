import shared, { type StreamIdentifier, type UUID } from '@eventstore/db-client/generated/shared_pb.js';
import { invalidArgument } from './rpc-error.js';

const DASHED = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
/** The forms that .NET takes for a UUID: with dashes, also in braces or brackets, and without. */
const UUID_TEXT = new RegExp(`^(?:${DASHED}|\\{${DASHED}\\}|\\(${DASHED}\\)|[0-9a-f]{32})$`);

/** @throws {RpcError} when there is no name */
export function streamIdOf(identifier: StreamIdentifier | undefined): string {
  const name = identifier?.getStreamName_asU8();
  if (!name?.length) throw invalidArgument('A stream name is required');
  return Buffer.from(name.buffer, name.byteOffset, name.byteLength).toString('utf8');
}

export function streamIdentifier(streamId: string): StreamIdentifier {
  const identifier = new shared.StreamIdentifier();
  identifier.setStreamName(Buffer.from(streamId, 'utf8'));
  return identifier;
}

/** @throws {RpcError} when it is no UUID */
export function uuidText(uuid: UUID | undefined): string {
  const structured = uuid?.getStructured();
  if (structured) {
    return dashed(hexOf(structured.getMostSignificantBits()) + hexOf(structured.getLeastSignificantBits()));
  }
  const text = uuid?.getString().trim().toLowerCase() ?? '';
  if (!UUID_TEXT.test(text)) throw invalidArgument(`'${text}' is not a UUID`);
  return dashed(text.replace(/[^0-9a-f]/g, ''));
}

/** @param asString whether as text, and not as two numbers */
export function uuidMessage(text: string, asString: boolean): UUID {
  const uuid = new shared.UUID();
  if (asString) {
    uuid.setString(text);
    return uuid;
  }
  const hex = text.replaceAll('-', '');
  const structured = new shared.UUID.Structured();
  structured.setMostSignificantBits(numberOf(hex.slice(0, 16)));
  structured.setLeastSignificantBits(numberOf(hex.slice(16)));
  uuid.setStructured(structured);
  return uuid;
}

function dashed(hex: string): string {
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

function hexOf(bits: string): string {
  return BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0');
}

function numberOf(hex: string): string {
  return BigInt.asIntN(64, BigInt(`0x${hex}`)).toString();
}
