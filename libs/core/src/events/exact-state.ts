import { hiddenIn, isPlainObject } from './hidden-fields.js';
import type { JsonObject, JsonValue } from './json.js';

/** The fields of an object as they are saved. */
export interface ExactState {
  readonly state: JsonObject;
  /** The fields that are there and `undefined`. */
  readonly unset: readonly string[];
}

/** What is told of a value that cannot be saved. */
type Refuse = (path: string, found: string) => Error;

/** Where a value is; a path is only made of it where something is refused. */
interface Place {
  readonly in: Place | undefined;
  readonly name: string | number;
}

/**
 * The fields of an object as JSON, sharing nothing with it: what a trip through JSON gives back as it was. All else is
 * refused with its path, as what JSON would make of it is another state.
 * @param name of the object, where paths begin
 * @param refuse makes the error of the path and of what was found there
 */
export function exactState(object: object, name: string, refuse: Refuse): ExactState {
  const hidden = hiddenIn(object);
  if (hidden !== undefined) throw refuse(name, `an object with ${hidden}`);
  const place = { in: undefined, name };
  const state: JsonObject = {};
  const unset: string[] = [];
  for (const field of Object.keys(object)) {
    const value = (object as Record<string, unknown>)[field];
    if (value === undefined) unset.push(field);
    else set(state, field, exactCopy(value, place, field, refuse));
  }
  return { state, unset };
}

function exactCopy(value: unknown, within: Place, name: string | number, refuse: Refuse): JsonValue {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  const place = { in: within, name };
  if (typeof value !== 'object')
    throw refuse(pathOf(place), typeof value === 'number' || value === undefined ? String(value) : `a ${typeof value}`);
  const isPlain = isPlainObject(value);
  if (!isPlain && !Array.isArray(value))
    throw refuse(pathOf(place), `a ${value.constructor?.name ?? 'object without a prototype'}`);
  const hidden = hiddenIn(value);
  if (hidden !== undefined) throw refuse(pathOf(place), `${isPlain ? 'an object' : 'an array'} with ${hidden}`);
  if (Array.isArray(value)) return Array.from(value, (element, index) => exactCopy(element, place, index, refuse));
  const copy: JsonObject = {};
  for (const field of Object.keys(value))
    set(copy, field, exactCopy((value as Record<string, unknown>)[field], place, field, refuse));
  return copy;
}

function pathOf({ in: within, name }: Place): string {
  if (!within) return String(name);
  return typeof name === 'number' ? `${pathOf(within)}[${name}]` : `${pathOf(within)}.${name}`;
}

/** A field named `__proto__` is a field like any other. */
function set(target: JsonObject, field: string, value: JsonValue): void {
  if (field in target)
    Object.defineProperty(target, field, { value, enumerable: true, configurable: true, writable: true });
  else target[field] = value;
}
