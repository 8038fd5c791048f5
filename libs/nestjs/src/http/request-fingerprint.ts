import { createHash } from 'node:crypto';
import { jsonReplacer } from './json-replacer.js';

/** Tells two requests apart by their method, their URL and what their bodies say, however they are written. */
export function requestFingerprint(method: string, url: string, body: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, canonical(body)]))
    .digest('base64url');
}

/** The same text for bodies that differ in nothing but the order of their fields. */
function canonical(body: unknown): string {
  if (Buffer.isBuffer(body)) return body.toString('base64');
  return JSON.stringify(body, (field, value: unknown) => sorted(jsonReplacer(field, value))) ?? '';
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  // Fields called `__proto__` are fields here: as pairs they are told apart from all others.
  return fields.some(([field]) => field === '__proto__') ? { pairs: fields } : Object.fromEntries(fields);
}
