import { hiddenIn, isPlainObject } from './hidden-fields.js';
import type { JsonObject, JsonValue } from './json.js';

/** The fields of an object as they are saved. */
export interface ExactState {
  readonly state: JsonObject;
  /** The fields that are there and `undefined`. */
  readonly unset: readonly string[];
}

/**
 * The fields of an object as JSON, sharing nothing with it: what a trip through JSON gives back as it was. All else is
 * refused with its path, as what JSON would make of it is another state.
 * @param name of the object, where paths begin
 * @param refuse makes the error of the path and of what was found there
 */
export function exactState(object: object, name: string, refuse: (path: string, found: string) => Error): ExactState {
  const hidden = hiddenIn(object);
  if (hidden !== undefined) throw refuse(name, `an object with ${hidden}`);
  const state: JsonObject = {};
  const unset: string[] = [];
  for (const [field, value] of Object.entries(object)) {
    if (value === undefined) unset.push(field);
    else set(state, field, exactCopy(value, `${name}.${field}`, refuse));
  }
  return { state, unset };
}

function exactCopy(value: unknown, path: string, refuse: (path: string, found: string) => Error): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  if (typeof value === 'object') {
    const isPlain = isPlainObject(value);
    if (!isPlain && !Array.isArray(value))
      throw refuse(path, `a ${value.constructor?.name ?? 'object without a prototype'}`);
    const hidden = hiddenIn(value);
    if (hidden !== undefined) throw refuse(path, `${isPlain ? 'an object' : 'an array'} with ${hidden}`);
    if (Array.isArray(value))
      return Array.from(value, (element, index) => exactCopy(element, `${path}[${index}]`, refuse));
    const copy: JsonObject = {};
    for (const [field, inner] of Object.entries(value)) set(copy, field, exactCopy(inner, `${path}.${field}`, refuse));
    return copy;
  }
  throw refuse(path, typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`);
}

/** A field named `__proto__` is a field like any other. */
function set(target: JsonObject, field: string, value: JsonValue): void {
  Object.defineProperty(target, field, { value, enumerable: true, configurable: true, writable: true });
}
