import type { IncomingMessage, ServerResponse } from 'node:http';
import { BadRequestException } from '@nestjs/common';

/** No sane request is nested deeper; what is could exhaust the stack of whoever walks through it. */
const MAX_DEPTH = 64;

/** Refuses bodies that are JSON and yet cannot be kept: nested without end, numbers too large, broken texts. */
export function checkBody(
  request: IncomingMessage & { body?: unknown },
  _response: ServerResponse,
  next: (error?: unknown) => void,
): void {
  const reason = reasonAgainst(request.body);
  next(reason === undefined ? undefined : new BadRequestException(reason));
}

/** Walks without recursion, which is the point. */
function reasonAgainst(body: unknown): string | undefined {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `The body is nested deeper than ${MAX_DEPTH} levels`;
    const deeper: unknown[] = [];
    for (const value of level) {
      if (typeof value === 'number' && !Number.isFinite(value)) return 'The body holds a number that is too large';
      if (typeof value === 'string' && !value.isWellFormed())
        return 'The body holds a text with half a character in it';
      if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) continue;
      if (Array.isArray(value)) for (const element of value) deeper.push(element);
      else for (const [field, held] of Object.entries(value)) deeper.push(field, held);
    }
    level = deeper;
  }
  return undefined;
}
