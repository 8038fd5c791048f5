import { inspect, isDeepStrictEqual } from 'node:util';

/** Where a value was changed, and from what to what. */
export interface Change {
  /** Such as `lines[0].quantity`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/**
 * Does the work and fails when it changed the value, however deep. What is hidden in `#private` fields is not seen.
 * @param complaint the error for the change that was found
 */
export function leavingAlone<T>(value: object, work: () => T, complaint: (change: Change) => Error): T {
  const before = copyOf(value);
  const result = work();
  const change = changeBetween(before, copyOf(value));
  if (change) throw complaint(change);
  return result;
}

/** `lines[0].quantity from 1 to 2` */
export function inWords({ path, before, after }: Change): string {
  const shown = (value: unknown) => inspect(value, { depth: 2, breakLength: Infinity });
  return `${path} from ${shown(before)} to ${shown(after)}`;
}

/** Functions and the like are kept as they are; they are compared by what they are. */
function copyOf<T>(value: T, seen = new Map<unknown, unknown>()): T {
  if (typeof value !== 'object' || value === null) return value;
  if (seen.has(value)) return seen.get(value) as T;
  const keep = <C>(copy: C): C => {
    seen.set(value, copy);
    return copy;
  };
  if (value instanceof Date) return keep(new Date(value)) as T;
  if (ArrayBuffer.isView(value)) return keep(structuredClone(value)) as T;
  if (value instanceof Map) {
    const copy = keep(new Map<unknown, unknown>());
    for (const [key, entry] of value) copy.set(copyOf(key, seen), copyOf(entry, seen));
    return copy as T;
  }
  if (value instanceof Set) {
    const copy = keep(new Set<unknown>());
    for (const entry of value) copy.add(copyOf(entry, seen));
    return copy as T;
  }
  const copy = keep(Array.isArray(value) ? [] : (Object.create(Object.getPrototypeOf(value) as object) as object));
  for (const field of Object.keys(value)) {
    Object.defineProperty(copy, field, {
      value: copyOf((value as Record<string, unknown>)[field], seen),
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return copy as T;
}

function changeBetween(before: unknown, after: unknown, path = '', seen = new Set<unknown>()): Change | undefined {
  if (seen.has(before) || isDeepStrictEqual(before, after)) return undefined;
  if (!hasFields(before) || !hasFields(after) || Array.isArray(before) !== Array.isArray(after)) {
    return { path, before, after };
  }
  seen.add(before);
  for (const field of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const within = Array.isArray(before) ? `${path}[${field}]` : path ? `${path}.${field}` : field;
    const change = changeBetween(before[field], after[field], within, seen);
    if (change) return change;
  }
  return undefined; // a field that is there now, or gone, but `undefined` either way
}

function hasFields(value: unknown): value is Record<string, unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !(value instanceof Date || value instanceof Map || value instanceof Set || ArrayBuffer.isView(value))
  );
}
