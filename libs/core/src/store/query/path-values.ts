/** Says something about one value; `undefined` stands for a field that is not there. */
export type ValueTest = (value: unknown) => boolean;

/**
 * Whether one of the values that a path leads to passes, as MongoDB walks: through objects by name, through arrays by
 * looking into every object in them (not into arrays in arrays), and by position where the path holds a number.
 *
 * @param elements whether an array at the path's end is tried element by element, and then as a whole; only as a whole
 * when false
 */
export function someValueAt(body: object, path: readonly string[], elements: boolean, test: ValueTest): boolean {
  return someBelow(body, path, 0, elements, test);
}

function someBelow(node: object, path: readonly string[], at: number, elements: boolean, test: ValueTest): boolean {
  let value = field(node, path[at]!);
  let next = at + 1;
  for (; next < path.length && !Array.isArray(value); next++) {
    if (!isObject(value)) return test(undefined);
    value = field(value, path[next]!);
  }
  if (!Array.isArray(value)) return test(value);
  if (next < path.length) return someInArray(value, path, next, elements, test);
  return (elements && value.some((element) => test(element))) || test(value);
}

/** The path goes on behind an array. */
function someInArray(
  array: readonly unknown[],
  path: readonly string[],
  at: number,
  elements: boolean,
  test: ValueTest,
): boolean {
  for (const element of array) {
    if (isObject(element) && someBelow(element, path, at, elements, test)) return true;
  }
  const position = positionIn(path[at]!);
  if (position === undefined || position >= array.length) return false;
  const element = array[position];
  if (at + 1 === path.length) return test(element);
  if (Array.isArray(element)) return someInArray(element, path, at + 1, elements, test);
  return isObject(element) && someBelow(element, path, at + 1, elements, test);
}

/**
 * The values that a document is sorted by on a path: every element where it leads to or through arrays. A missing one
 * counts as null; an empty array is {@link EMPTY_ARRAY}, which comes before null.
 */
export function sortValuesAt(body: object, path: readonly string[]): unknown[] {
  const values: unknown[] = [];
  collect(body, path, 0, values);
  return values;
}

/** Stands for an empty array where documents are sorted. */
export const EMPTY_ARRAY = Symbol('empty array');

function collect(node: unknown, path: readonly string[], at: number, into: unknown[]): void {
  let value = node;
  for (let next = at; next < path.length; next++) {
    if (Array.isArray(value)) {
      const position = positionIn(path[next]!);
      if (position !== undefined) collect(value[position], path, next + 1, into);
      else if (value.length === 0) into.push(null);
      else for (const element of value) collect(isObject(element) ? element : undefined, path, next, into);
      return;
    }
    value = isObject(value) ? field(value, path[next]!) : undefined;
  }
  if (!Array.isArray(value)) into.push(value ?? null);
  else if (value.length === 0) into.push(EMPTY_ARRAY);
  else for (const element of value) into.push(element);
}

/** The number that a part of a path is, if it is one as MongoDB writes it. */
function positionIn(part: string): number | undefined {
  return /^(?:0|[1-9]\d{0,9})$/.test(part) ? Number(part) : undefined;
}

function field(node: object, name: string): unknown {
  return Object.hasOwn(node, name) ? (node as Record<string, unknown>)[name] : undefined;
}

/** An object as JSON has it: neither null nor an array. */
export function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
