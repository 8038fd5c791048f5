import { hiddenIn, isPlainObject } from './hidden-fields.js';

/** What JSON can hold. Events and documents are such values, identical on every store. */
export type JsonValue = string | number | boolean | null | JsonValue[] | JsonObject;
export interface JsonObject {
  [field: string]: JsonValue | undefined;
}

/** A value that JSON cannot hold exactly; `path` says where in the value it was found. */
export class NotJson extends TypeError {
  override readonly name = 'NotJson';
  constructor(
    readonly path: string,
    readonly found: string,
  ) {
    super(`${path || 'The value'} is ${found}, which JSON cannot hold`);
  }
}

/**
 * The value as it will be after a trip through JSON, so that what is folded now equals what is folded after a reload.
 *
 * Class instances become plain objects, dates and whatever else has a `toJSON` become what it returns, fields that are
 * `undefined` are left out. A value that is JSON already is returned as it is, without a copy.
 *
 * @throws {NotJson} for NaN, infinities and invalid dates, bigint, functions, symbols, objects whose content is not in
 * their fields (maps, sets, promises, errors and the like), holes in arrays and cycles; the error's `path` names the field.
 */
export function toJson<T>(value: T): T {
  return isExact(value, 0) ? value : (exactly(value, '', 0) as T);
}

/** Whether the value is JSON as it is, so that {@link toJson} would return it as it is. */
export function isJson(value: unknown): boolean {
  return isExact(value, 0);
}

/** Deeper than any sane event; reached only by a cycle or by nonsense. */
const MAX_DEPTH = 200;

/** Whether the value is JSON as it is, as nearly every one is. Whatever needs a closer look is not. */
function isExact(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0);
    case 'object':
      return (
        value === null || (depth < MAX_DEPTH && (Array.isArray(value) ? isArray(value, depth) : isPlain(value, depth)))
      );
    default:
      return false;
  }
}

function isArray(array: unknown[], depth: number): boolean {
  for (let index = 0; index < array.length; index++) if (!isExact(array[index], depth + 1)) return false;
  return !('toJSON' in array);
}

function isPlain(object: object, depth: number): boolean {
  const prototype = Object.getPrototypeOf(object) as unknown;
  if (prototype !== Object.prototype && prototype !== null) return false;
  // With a function named toJSON, a field of it is no JSON; one that cannot be enumerated is looked for.
  for (const field in object) {
    const value = (object as Record<string, unknown>)[field];
    if (typeof value !== 'string' && !isExact(value, depth + 1)) return false;
  }
  return typeof (object as { toJSON?: unknown }).toJSON !== 'function';
}

function exactly(value: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      if (!Number.isFinite(value)) throw new NotJson(path, String(value));
      return value === 0 ? 0 : value; // JSON has no negative zero
    case 'object':
      if (value === null) return null;
      if (depth > MAX_DEPTH) throw new NotJson(path, `nested deeper than ${MAX_DEPTH} levels (a cycle?)`);
      if (typeof (value as { toJSON?: unknown }).toJSON === 'function') {
        if (value instanceof Date && Number.isNaN(value.getTime())) throw new NotJson(path, 'an invalid Date');
        return exactly((value as { toJSON(): unknown }).toJSON(), path, depth + 1);
      }
      return Array.isArray(value) ? exactArray(value, path, depth) : exactObject(value, path, depth);
    default:
      throw new NotJson(path, value === undefined ? 'undefined' : `a ${typeof value}`);
  }
}

function exactArray(array: unknown[], path: string, depth: number): unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < array.length; index++) {
    const before = array[index];
    const after = exactly(before, `${path}[${index}]`, depth + 1);
    if (!copy && !Object.is(after, before)) copy = array.slice(0, index);
    copy?.push(after);
  }
  return copy ?? array;
}

/** Kinds of object that keep what they hold elsewhere than in fields; JSON.stringify would make `{}` of them. */
const NOT_FIELDS = new Set(
  'Map Set WeakMap WeakSet Promise RegExp Error ArrayBuffer SharedArrayBuffer BigInt Symbol'.split(' '),
);

function exactObject(object: object, path: string, depth: number): unknown {
  const prototype = Object.getPrototypeOf(object) as unknown;
  let plain = prototype === Object.prototype || prototype === null;
  if (!plain) {
    const kind = Object.prototype.toString.call(object).slice('[object '.length, -1);
    if (kind === 'String' || kind === 'Number' || kind === 'Boolean') return exactly(object.valueOf(), path, depth + 1);
    if (NOT_FIELDS.has(kind)) throw new NotJson(path, `${/^[AEIOU]/.test(kind) ? 'an' : 'a'} ${kind}`);
    if (!isPlainObject(object)) refuseHidden(object, path);
  }
  const source = object as Record<string, unknown>;
  const changed: Record<string, unknown> = {};
  for (const field in source) {
    if (!Object.hasOwn(source, field)) continue;
    const before = source[field];
    if (before === undefined) {
      plain = false;
      continue;
    }
    if (typeof before === 'string' || typeof before === 'boolean') continue;
    const after = exactly(before, path ? `${path}.${field}` : field, depth + 1);
    if (Object.is(after, before)) continue;
    set(changed, field, after);
    plain = false;
  }
  if (plain) return object;
  const copy: Record<string, unknown> = {};
  for (const field of Object.keys(source)) {
    const value = Object.hasOwn(changed, field) ? changed[field] : source[field];
    if (value !== undefined) set(copy, field, value);
  }
  return copy;
}

/** Of an object with a class of its own: what JSON would keep of it has to be all that it holds. */
function refuseHidden(object: object, path: string): void {
  const { constructor } = object as { constructor?: { readonly name?: unknown } };
  const name = typeof constructor === 'function' ? String(constructor.name) : 'object';
  const hidden = hiddenIn(object);
  if (hidden !== undefined) throw new NotJson(path, `a ${name} with ${hidden}`);
  // What the language or its host makes keeps what it holds in the engine: iterators, views of memory, formats.
  const isNative =
    typeof constructor === 'function'
      ? /\{\s*\[native code\]\s*\}$/.test(String(constructor))
      : Symbol.toStringTag in object;
  if (isNative) throw new NotJson(path, `a ${name}`);
}

/** A copy that shares nothing with the value, which is JSON already. */
export function copyOfJson<T>(value: T): T {
  return copied(value) as T;
}

function copied(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copied);
  const copy: Record<string, unknown> = {};
  for (const field of Object.keys(value)) set(copy, field, copied((value as Record<string, unknown>)[field]));
  return copy;
}

/** A field named `__proto__` is a field like any other, as it is for `JSON.parse`. */
function set(target: Record<string, unknown>, field: string, value: unknown): void {
  if (field === '__proto__') {
    Object.defineProperty(target, field, { value, enumerable: true, configurable: true, writable: true });
  } else {
    target[field] = value;
  }
}
