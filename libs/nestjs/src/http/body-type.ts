import type { IncomingMessage, ServerResponse } from 'node:http';
import { rawRuleOf, type BodyRules } from './body-rules.js';
import { RefusedBody } from './refused-body.js';

/**
 * Refuses bodies of types that nobody reads here, which would be taken for no body at all, and of charsets other than
 * UTF-8, in which JSON is not sent. A form of another site can send no JSON without being asked whether it may.
 */
export function checkBodyType(rules: BodyRules) {
  return (request: IncomingMessage, _response: ServerResponse, next: (error?: unknown) => void) => {
    const { types } = rawRuleOf(request, rules) ?? rules;
    next(hasBody(request) ? refusalOf(request.headers['content-type'] ?? '', types) : undefined);
  };
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

function refusalOf(contentType: string, taken: readonly string[]): RefusedBody | undefined {
  const [type = '', ...parameters] = contentType.split(';').map((part) => part.trim().toLowerCase());
  if (!taken.includes(type)) {
    const said = type === '' ? 'The body has no Content-Type' : 'The body has a Content-Type that is not taken';
    return new RefusedBody(415, `${said}; it must be ${taken.join(' or ')}`, 'contentTypes', taken);
  }
  const charsets = parameters.filter((parameter) => /^charset\s*=/.test(parameter));
  if (charsets.every((charset) => /^charset\s*=\s*"?utf-?8"?$/.test(charset))) return undefined;
  return new RefusedBody(415, 'The body is in a charset that is not taken; it must be UTF-8', 'charset', ['utf-8']);
}

/** Whether the body is said to be JSON. */
export function isJson({ headers }: IncomingMessage): boolean {
  return /^\s*application\/json\s*(;|$)/i.test(headers['content-type'] ?? '');
}
