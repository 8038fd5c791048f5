import type { IncomingMessage } from 'node:http';
import type { RawBodies } from '@gesta/nestjs';
import { MAX_PICTURE_BYTES } from '../pictures/picture.js';

const PATH = /^\/api\/catalog\/products\/[^/?]+\/picture\/?(?:\?|$)/;

/** The bodies that are pictures, for `configureHttp`. */
export const PICTURE_BODIES: RawBodies = {
  types: ['image/png', 'image/jpeg', 'image/webp', 'application/octet-stream'],
  limit: MAX_PICTURE_BYTES,
  of: ({ method, url = '' }: IncomingMessage) => method === 'PUT' && PATH.test(url),
};
