import type { PictureType } from '../contract/picture.js';

const MEDIA_TYPES: Readonly<Record<PictureType, string>> = { png: 'image/png', jpg: 'image/jpeg', webp: 'image/webp' };

/** The media type of the picture with the name. */
export function mediaTypeOf(name: string): string {
  return MEDIA_TYPES[name.slice(name.lastIndexOf('.') + 1) as PictureType];
}
