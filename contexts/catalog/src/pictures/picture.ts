import { createHash } from 'node:crypto';
import { imageSize } from 'image-size';
import type { Picture, PictureType } from '../contract/picture.js';

/** The largest picture, in bytes. */
export const MAX_PICTURE_BYTES = 2_000_000;
/** The longest side of a picture, in pixels. */
export const MAX_PICTURE_SIDE = 8_000;

/** Why something is not taken for a picture. */
export class NoPicture extends Error {
  override readonly name = 'NoPicture';

  /** @param isOtherType whether it is of a type that is not taken, whatever is in it */
  constructor(
    reason: string,
    readonly isOtherType: boolean,
  ) {
    super(reason);
  }
}

/** What the bytes of each type begin with; whatever is claimed of them does not count. */
const BEGINNINGS: Readonly<Record<PictureType, (bytes: Buffer) => boolean>> = {
  png: (bytes) => bytes.subarray(0, 8).equals(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1')),
  jpg: (bytes) => bytes.subarray(0, 3).equals(Buffer.from([0xff, 0xd8, 0xff])),
  webp: (bytes) => bytes.toString('latin1', 0, 4) === 'RIFF' && bytes.toString('latin1', 8, 12) === 'WEBP',
};

/**
 * What the bytes are a picture of, as far as anybody asks: type, size, and a name made of what they are.
 * @throws {NoPicture} when they are none, or are too large
 */
export function pictureIn(bytes: Buffer): Picture {
  if (bytes.length > MAX_PICTURE_BYTES) {
    throw new NoPicture(`A picture has at most ${MAX_PICTURE_BYTES} bytes, not ${bytes.length}`, false);
  }
  const type = (Object.keys(BEGINNINGS) as PictureType[]).find((each) => BEGINNINGS[each](bytes));
  if (type === undefined) throw new NoPicture('A picture is a PNG, a JPEG or a WebP, and this is none of them', true);
  const { width, height } = sizeOf(bytes);
  if (!isSide(width) || !isSide(height)) {
    throw new NoPicture(`A picture is 1 to ${MAX_PICTURE_SIDE} pixels wide and high, not ${width} × ${height}`, false);
  }
  const hash = createHash('sha256').update(bytes).digest('hex');
  return { name: `${hash}.${type}`, width, height, bytes: bytes.length };
}

function sizeOf(bytes: Buffer): { width: number; height: number } {
  try {
    // In memory of its own: what is read past the end of a short buffer would be what lies behind it in Node's pool.
    return imageSize(new Uint8Array(bytes));
  } catch {
    throw new NoPicture('The picture is broken: its size cannot be read', false);
  }
}

function isSide(pixels: number): boolean {
  return Number.isInteger(pixels) && pixels >= 1 && pixels <= MAX_PICTURE_SIDE;
}
