import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PICTURE_NAME } from '../contract/picture.js';
import { jpegOf, pngOf, webpOf } from './example/pictures.js';
import { MAX_PICTURE_BYTES, NoPicture, pictureIn } from './picture.js';

const pictures = { png: pngOf(3, 2), jpg: jpegOf(3, 2), webp: webpOf(3, 2) };

describe('pictureIn', () => {
  it.each(Object.entries(pictures))('knows a %s by what it is, and names it so', (type, bytes) => {
    const hash = createHash('sha256').update(bytes).digest('hex');
    expect(pictureIn(bytes)).toEqual({ name: `${hash}.${type}`, width: 3, height: 2, bytes: bytes.length });
  });

  it('takes sides of 1 to 8000 pixels', () => {
    expect(pictureIn(pngOf(8_000, 1))).toMatchObject({ width: 8_000, height: 1 });
    for (const bytes of [pngOf(8_001, 1), pngOf(1, 8_001), pngOf(0, 1), pngOf(1, 0), jpegOf(0, 5), webpOf(9_000, 1)]) {
      expect(() => pictureIn(bytes)).toThrow(/1 to 8000 pixels/);
    }
  });

  it('takes no more bytes than a picture may have', () => {
    const long = Buffer.concat([pictures.png, Buffer.alloc(MAX_PICTURE_BYTES - pictures.png.length)]);
    expect(pictureIn(long)).toMatchObject({ bytes: MAX_PICTURE_BYTES });
    expect(() => pictureIn(Buffer.concat([long, Buffer.alloc(1)]))).toThrow(/at most 2000000 bytes/);
  });

  it.each([
    ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1"/>'],
    ['a GIF', 'GIF89a\x01\x00\x01\x00'],
    ['a page', '<!doctype html><script>alert(1)</script>'],
    ['a RIFF that is a sound', 'RIFF\x24\x00\x00\x00WAVEfmt '],
    ['nothing', ''],
  ])('takes %s for another type', (_what, text) => {
    expect(() => pictureIn(Buffer.from(text, 'latin1'))).toThrow(expect.objectContaining({ isOtherType: true }));
  });

  it('takes no picture that is cut off, and no other bytes for one, and fails in no other way', () => {
    const spoiled = fc
      .tuple(fc.constantFrom(...Object.values(pictures)), fc.nat(40), fc.uint8Array({ maxLength: 60 }))
      .map(([bytes, kept, rest]) => Buffer.concat([bytes.subarray(0, kept), rest]));
    fc.assert(
      fc.property(spoiled, (bytes) => {
        try {
          expect(pictureIn(bytes).name).toMatch(PICTURE_NAME);
        } catch (error) {
          expect(error).toBeInstanceOf(NoPicture);
        }
      }),
      { numRuns: 500 },
    );
    for (const bytes of Object.values(pictures)) expect(() => pictureIn(bytes.subarray(0, 16))).toThrow(/broken/);
  });
});
