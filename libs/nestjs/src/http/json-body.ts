import { isUtf8 } from 'node:buffer';
import { RefusedBody } from './refused-body.js';

/** Refuses bytes that are no UTF-8: a decoder would put other characters in their place without a word. */
export function checkIsUtf8(bytes: Buffer): void {
  if (!isUtf8(bytes)) throw new RefusedBody(400, 'The body is no UTF-8', 'charset', ['utf-8']);
}

/**
 * An object or an array as JSON; `undefined` where nothing was sent.
 * @throws {RefusedBody} when it is neither
 */
export function jsonBody(bytes: Buffer): unknown {
  if (bytes.length === 0) return undefined;
  checkIsUtf8(bytes);
  let body: unknown;
  try {
    body = JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, ''));
  } catch (error) {
    throw new RefusedBody(400, `The body is no JSON: ${(error as SyntaxError).message}`, 'json');
  }
  if (typeof body === 'object' && body !== null) return body;
  throw new RefusedBody(400, 'The body is neither an object nor an array', 'json');
}
