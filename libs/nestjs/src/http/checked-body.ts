import type { BodyLimits } from './body-limits.js';
import { RefusedBody } from './refused-body.js';

/** Fields by which a body would say of which class it is; no request has any business with them. */
const NO_FIELDS: readonly string[] = ['__proto__', 'constructor', 'prototype'];

/**
 * Why a body that was read is not to be looked at: more in it than the limits allow, fields named for what makes
 * JavaScript's classes, numbers too large, broken texts. Walks without recursion, and no further than the limits, which is
 * the point.
 */
export function refusalOf(
  body: unknown,
  { maxValues, maxElements, maxFields, maxDepth }: Required<BodyLimits>,
): RefusedBody | undefined {
  let values = 0;
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) {
      return new RefusedBody(400, `The body is nested deeper than ${maxDepth} levels`, 'maxDepth', maxDepth);
    }
    values += level.length;
    const deeper: unknown[] = [];
    for (const value of level) {
      const wrong = wrongValue(value);
      if (wrong) return wrong;
      if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) continue;
      const isArray = Array.isArray(value);
      const held = isArray ? value : Object.values(value);
      if (isArray && held.length > maxElements) return tooMany('an array of more than', maxElements, 'elements');
      if (!isArray && held.length > maxFields) return tooMany('an object of more than', maxFields, 'fields');
      if (values + deeper.length + held.length > maxValues) return tooMany('more than', maxValues, 'values');
      if (!isArray) {
        for (const field of Object.keys(value)) {
          const misnamed = wrongField(field);
          if (misnamed) return misnamed;
        }
      }
      for (const each of held) deeper.push(each);
    }
    level = deeper;
  }
  return undefined;
}

function tooMany(holds: string, limit: number, what: 'elements' | 'fields' | 'values'): RefusedBody {
  const rule = { elements: 'maxElements', fields: 'maxFields', values: 'maxValues' }[what];
  return new RefusedBody(413, `The body holds ${holds} ${limit} ${what}`, rule, limit);
}

function wrongValue(value: unknown): RefusedBody | undefined {
  if (typeof value === 'number' && !Number.isFinite(value)) {
    return new RefusedBody(400, 'The body holds a number that is too large', 'number');
  }
  return typeof value === 'string' ? wrongText(value) : undefined;
}

function wrongField(field: string): RefusedBody | undefined {
  if (NO_FIELDS.includes(field)) {
    return new RefusedBody(400, `The body holds a field named '${field}', which no field may be`, 'field', NO_FIELDS);
  }
  return wrongText(field);
}

function wrongText(text: string): RefusedBody | undefined {
  if (text.isWellFormed()) return undefined;
  return new RefusedBody(400, 'The body holds a text with half a character in it', 'text');
}
