import { unexpectedArgument } from './rpc-error.js';

const LARGEST = 2n ** 63n - 1n;
const END = 2n ** 64n - 1n;

/**
 * @param text a revision or a position as the protocol has it, without a sign
 * @returns undefined for 2^64-1, which is the end
 * @throws {RpcError} for what is too large for a number with a sign
 */
export function revisionOf(text: string): number | undefined {
  const value = BigInt(text);
  if (value === END) return undefined;
  if (value <= LARGEST) return Number(value);
  throw unexpectedArgument("Specified argument was out of the range of valid values. (Parameter 'value')");
}
