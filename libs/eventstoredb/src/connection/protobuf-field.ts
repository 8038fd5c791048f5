/** Wire types: a number of variable length, and something that says how long it is. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

/**
 * The whole number in the field of a message that the client has no class for.
 * @param bytes the message, whose fields are texts and whole numbers
 * @returns undefined where it has no such field, or is something else
 */
export function numberIn(bytes: Uint8Array, field: number): number | undefined {
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let scale = 1; at < bytes.length; scale *= 128) {
      const byte = bytes[at++]!;
      value += (byte % 128) * scale;
      if (byte < 128) return value;
    }
    return Number.NaN;
  };
  while (at < bytes.length) {
    const tag = varint();
    const [number, type] = [Math.floor(tag / 8), tag % 8];
    if (type === VARINT) {
      const value = varint();
      if (number === field) return Number.isSafeInteger(value) ? value : undefined;
    } else if (type === LENGTH_DELIMITED) {
      const length = varint();
      at += length;
    } else {
      return undefined;
    }
  }
  return undefined;
}
