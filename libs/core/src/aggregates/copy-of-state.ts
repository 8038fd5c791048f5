import { hiddenIn, isPlainObject } from '../events/hidden-fields.js';
import { copyOfJson, isJson } from '../events/json.js';

/** What cannot be copied so that nobody could tell: functions, objects of other classes, what is out of sight. */
const NOT_COPIED = Symbol('not copied');

/** A copy of what somebody states, who may change it afterwards; the very object where it cannot be copied. */
export function copyOfData<T extends object>(data: T): T {
  return isJson(data) ? copyOfJson(data) : (copyOfState(data) ?? data);
}

/**
 * An object of the same class with a copy of everything that it holds; `undefined` where it holds what cannot be copied
 * without knowing its class, as a function that is bound to it.
 */
export function copyOfState<T extends object>(object: T): T | undefined {
  try {
    if (hiddenIn(object) !== undefined || !Object.isExtensible(object)) return undefined;
    const copy = Object.create(Object.getPrototypeOf(object) as object) as T;
    fill(copy, object, new Map<object, object>([[object, copy]]));
    return copy;
  } catch (error) {
    if (error === NOT_COPIED) return undefined;
    throw error;
  }
}

function fill(copy: object, from: object, copies: Map<object, object>): void {
  for (const field of Object.keys(from)) setField(copy, field, copyOf((from as Fields)[field], copies));
}

type Fields = Record<string, unknown>;

/** Sets a field of its own, whatever is inherited under the name: a setter, a method, `__proto__`. */
function setField(copy: object, field: string, value: unknown): void {
  if (field in copy)
    Object.defineProperty(copy, field, { value, enumerable: true, configurable: true, writable: true });
  else (copy as Fields)[field] = value;
}

/** @param copies of what was met before: what was one object is one again */
function copyOf(value: unknown, copies: Map<object, object>): unknown {
  if (typeof value === 'function') throw NOT_COPIED;
  if (typeof value !== 'object' || value === null) return value;
  const before = copies.get(value);
  if (before) return before;
  if (!Object.isExtensible(value) || hiddenIn(value) !== undefined) throw NOT_COPIED;
  const copy = emptyLike(value);
  copies.set(value, copy);
  if (copy instanceof Map) {
    for (const [key, inner] of value as Map<unknown, unknown>) copy.set(copyOf(key, copies), copyOf(inner, copies));
  } else if (copy instanceof Set) {
    for (const inner of value as Set<unknown>) copy.add(copyOf(inner, copies));
  }
  fill(copy, value, copies);
  return copy;
}

function emptyLike(value: object): object {
  switch (Object.getPrototypeOf(value)) {
    case Array.prototype:
      return Object.assign([], { length: (value as unknown[]).length });
    case Map.prototype:
      return new Map();
    case Set.prototype:
      return new Set();
    case Date.prototype:
      return new Date((value as Date).getTime());
    case null:
      return Object.create(null) as object;
    default:
      if (isPlainObject(value)) return {};
      throw NOT_COPIED;
  }
}
