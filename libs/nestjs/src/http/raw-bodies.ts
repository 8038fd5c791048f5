import type { IncomingMessage } from 'node:http';

/** Bodies that are taken as bytes. */
export interface RawBodies {
  /** The media types that they may be sent as. */
  readonly types: readonly string[];
  /** The largest that is taken, in bytes or as `'1mb'`. What is larger is a 413. */
  readonly limit: number | string;
  /** Whether the request sends one, by its method and its URL. */
  readonly of: (request: IncomingMessage) => boolean;
}
