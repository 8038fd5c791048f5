/**
 * MongoDB's order of values. Types come first: null, numbers, strings, objects, arrays, booleans; a missing field counts
 * as null, and strings go by their code points, as databases have it, not by UTF-16 units, as JavaScript does.
 */
export function compareValues(a: unknown, b: unknown): number {
  const rank = typeRank(a);
  const difference = rank - typeRank(b);
  if (difference !== 0) return difference;
  switch (rank) {
    case TypeRank.number:
      return (a as number) - (b as number) || 0;
    case TypeRank.boolean:
      return Number(a) - Number(b);
    case TypeRank.string:
      return compareText(a as string, b as string);
    case TypeRank.array:
      return compareArrays(a as unknown[], b as unknown[]);
    case TypeRank.object:
      return compareObjects(a as Record<string, unknown>, b as Record<string, unknown>);
    default:
      return 0;
  }
}

/** Where each of JSON's types comes in MongoDB's order. */
export const TypeRank = { null: 0, number: 1, string: 2, object: 3, array: 4, boolean: 5 } as const;

/** The type's place; a missing value (`undefined`) has null's. */
export function typeRank(value: unknown): number {
  switch (typeof value) {
    case 'number':
      return TypeRank.number;
    case 'string':
      return TypeRank.string;
    case 'boolean':
      return TypeRank.boolean;
    default:
      if (value === null || value === undefined) return TypeRank.null;
      return Array.isArray(value) ? TypeRank.array : TypeRank.object;
  }
}

/** The order of two strings by code points; keys of documents come in it too. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0;
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const unitOfA = a.charCodeAt(index);
    const unitOfB = b.charCodeAt(index);
    if (unitOfA === unitOfB) continue;
    if (unitOfA < FIRST_SURROGATE || unitOfB < FIRST_SURROGATE) return unitOfA - unitOfB;
    return place(a, index) - place(b, index);
  }
  return a.length - b.length;
}

const FIRST_SURROGATE = 0xd800;

/** Halves of a pair come after everything that is no pair, although their units do not. */
function place(text: string, index: number): number {
  const unit = text.charCodeAt(index);
  if (unit > 0xdfff) return unit;
  const half = unit < 0xdc00 ? text.codePointAt(index)! : index > 0 ? text.codePointAt(index - 1)! : unit;
  return half > 0xffff ? 0x10000 + unit : unit;
}

function compareArrays(a: readonly unknown[], b: readonly unknown[]): number {
  const shorter = Math.min(a.length, b.length);
  for (let index = 0; index < shorter; index++) {
    const difference = compareValues(a[index], b[index]);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Field by field as they stand: first the types, then the names, then the values. */
function compareObjects(a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): number {
  const fieldsOfA = Object.keys(a);
  const fieldsOfB = Object.keys(b);
  const shorter = Math.min(fieldsOfA.length, fieldsOfB.length);
  for (let index = 0; index < shorter; index++) {
    const fieldOfA = fieldsOfA[index]!;
    const fieldOfB = fieldsOfB[index]!;
    const difference =
      typeRank(a[fieldOfA]) - typeRank(b[fieldOfB]) ||
      compareText(fieldOfA, fieldOfB) ||
      compareValues(a[fieldOfA], b[fieldOfB]);
    if (difference !== 0) return difference;
  }
  return fieldsOfA.length - fieldsOfB.length;
}
