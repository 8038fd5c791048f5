import { hash } from 'node:crypto';

/** The namespace of these ids, c8f0a9a4-6f0e-5d0b-9f57-3f0f6f1a2b71. */
const GESTA = Buffer.from('c8f0a9a46f0e5d0b9f573f0f6f1a2b71', 'hex');

/**
 * The same UUID for the same parts, always: by it a repeat is recognised. The parts are kept apart whatever they hold.
 * It is a UUID of version 5 (RFC 9562), made here since a command needs a dozen of them.
 */
export function deterministicId(...parts: readonly (string | number | bigint)[]): string {
  const name = Buffer.from(JSON.stringify(parts.map(String)));
  const digest = hash('sha1', Buffer.concat([GESTA, name]), 'hex');
  const variant = ((parseInt(digest[16]!, 16) & 0x3) | 0x8).toString(16);
  const groups = [digest.slice(0, 8), digest.slice(8, 12), `5${digest.slice(13, 16)}`];
  return `${groups.join('-')}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
