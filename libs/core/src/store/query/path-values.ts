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

/** Whether the path ends at an array or goes through one, other than by position. */
export function leadsIntoArray(body: object, path: readonly string[]): boolean {
  return Array.isArray(untilArray({ value: body, path, at: 0 }).value);
}

/** How far a path was followed. */
interface Followed {
  readonly value: unknown;
  readonly path: readonly string[];
  /** The part of the path that is next; {@link ENDED} where the value is what is sorted by. */
  readonly at: number;
}

const ENDED = Infinity;

/**
 * The values of several paths that stand together, as in {@link sortValuesAt}: paths through one array go through the
 * same element of it.
 * @returns `undefined` where two paths lead into different arrays
 */
export function sortTuplesAt(body: object, paths: readonly (readonly string[])[]): unknown[][] | undefined {
  return tuplesBehind(paths.map((path) => ({ value: body, path, at: 0 })));
}

function tuplesBehind(all: readonly Followed[]): unknown[][] | undefined {
  const followed = all.map(untilArray);
  const waiting = followed.filter(({ at }) => at !== ENDED);
  const array = waiting[0]?.value as readonly unknown[] | undefined;
  if (!array) return [followed.map(({ value }) => value ?? null)];
  if (waiting.some(({ value }) => value !== array)) return undefined;
  const tuples: unknown[][] = [];
  for (const element of array.length === 0 ? [EMPTY_ARRAY] : array) {
    const behind = tuplesBehind(followed.map((each) => inElement(each, element)));
    if (!behind) return undefined;
    tuples.push(...behind);
  }
  return tuples;
}

function inElement({ value, path, at }: Followed, element: unknown): Followed {
  if (at === ENDED) return { value, path, at };
  if (at === path.length) return { value: element, path, at: ENDED };
  return isObject(element) ? { value: element, path, at } : { value: null, path, at: ENDED };
}

/** Follows the path to its end, or to an array that it goes through or ends at. */
function untilArray({ value, path, at }: Followed): Followed {
  if (at === ENDED) return { value, path, at };
  let [node, next] = [value, at];
  for (; next < path.length; next++) {
    if (Array.isArray(node)) {
      const position = positionIn(path[next]!);
      if (position === undefined) return { value: node, path, at: next };
      node = node[position];
    } else node = isObject(node) ? field(node, path[next]!) : undefined;
  }
  return { value: node, path, at: Array.isArray(node) ? next : ENDED };
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
