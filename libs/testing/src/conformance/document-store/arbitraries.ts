import type { Filter, FindOptions, IndexSpec, JsonObject } from '@gesta/core';
import fc from 'fast-check';

/** A collection and what it is asked. */
export interface AnyCase {
  readonly indexes: readonly IndexSpec[];
  readonly bodies: readonly JsonObject[];
  readonly queries: readonly { readonly filter: Filter; readonly options: FindOptions }[];
}

/**
 * Values of every type, close to each other, equal but for their type, as text what others are as they stand, and
 * numbers that not every store takes for what they are.
 */
const SCALARS: readonly unknown[] = [
  ...[null, true, false, 0, 1, 2, -1, 1.5, 0.1, 0.30000000000000004, 1e21, 5e-324, 1.7976931348623157e308],
  ...[2 ** 53, 2 ** 53 + 2, 2 ** 60, -(2 ** 63), 2 ** 64],
  ...[
    '',
    '0',
    '1',
    '1.0',
    'true',
    'null',
    '[]',
    '{}',
    'a',
    'A',
    'ab',
    'b',
    'a\u0000',
    'é',
    '\u{ffff}',
    '😀',
    "it's",
    '"',
  ],
];

/** What may hold arrays, itself or on the way there. Of the fields of a sort or an index one alone may. */
const DEEP_PATHS = ['a', 'a.b', 'a.c', 'a.b.c', 'a.0', 'a.b.0', 'a.0.b'];
const PLAIN_PATHS = ['s', 's.b', 't', 'none'];

const direction = fc.constantFrom(1 as const, -1 as const);
const typeName = fc.constantFrom('null', 'number', 'string', 'object', 'array', 'bool');
const pattern = fc.constantFrom<unknown>(
  ...[/^a/, /^a/i, /^A|b$/, /1/, /^$/, /^ab?/, /^ab*/, /^1\.0/, { $regex: '^a', $options: 'm' }, { $regex: '.' }],
);

type Fields = Record<string, 1 | -1>;

/** Up to three fields, with one that may hold arrays before, between or behind others that hold none. */
const fields: fc.Arbitrary<Fields> = fc
  .record({
    plain: fc.uniqueArray(fc.constantFrom<string>('s', 't', 'none'), { maxLength: 2 }),
    deep: fc.option(fc.constantFrom<string>('a', 'a', 'a.b', 's.b'), { freq: 3 }),
    place: fc.nat(2),
    directions: fc.tuple(direction, direction, direction),
  })
  .map(({ plain, deep, place, directions }) => {
    const paths = deep === null ? plain : plain.toSpliced(place, 0, deep);
    const names = paths.length === 0 ? ['a.c'] : paths.filter((path) => path !== 's' || deep !== 's.b');
    return Object.fromEntries(names.map((path, index) => [path, directions[index]!]));
  });

/** Few values in many documents, so that they meet often: filters find several, and sorts have ties. */
export const anyCase: fc.Arbitrary<AnyCase> = fc
  .record({
    scalars: fc.subarray([...SCALARS], { minLength: 3, maxLength: 8 }),
    indexes: fc.array(fields, { minLength: 1, maxLength: 3 }),
  })
  .chain(({ scalars, indexes }) => {
    const values = valuesOf(fc.constantFrom(...scalars));
    return fc.record({
      indexes: fc.constantFrom(indexes, indexes, indexes, []),
      bodies: bodiesOf(values),
      queries: fc.array(fc.record({ filter: filterOf(values, indexes), options: optionsOf(indexes) }), {
        minLength: 12,
        maxLength: 12,
      }),
    });
  });

interface Values {
  readonly scalar: fc.Arbitrary<unknown>;
  readonly value: fc.Arbitrary<unknown>;
}

/** Plain values, and objects and arrays of them, some levels deep, mostly with the fields that paths lead through. */
function valuesOf(scalar: fc.Arbitrary<unknown>): Values {
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: scalar, weight: 4 },
      { arbitrary: objectOf(tie('value')), weight: 1 },
      { arbitrary: fc.array(tie('value'), { maxLength: 3 }), weight: 1 },
    ),
  }));
  return { scalar, value };
}

const objectOf = (value: fc.Arbitrary<unknown>) =>
  fc.dictionary(fc.constantFrom('b', 'c'), value, { maxKeys: 2, noNullPrototype: true });

function bodiesOf({ scalar, value }: Values): fc.Arbitrary<JsonObject[]> {
  const plain = fc.oneof({ arbitrary: scalar, weight: 4 }, { arbitrary: fc.record({ b: scalar }), weight: 1 });
  const body = fc.record(
    { a: fc.oneof(value, scalar, scalar), s: plain, t: scalar },
    { requiredKeys: [], noNullPrototype: true },
  );
  return fc
    .array(body, { minLength: 1, maxLength: 12 })
    .chain((kinds) => fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 40, size: 'medium' }))
    .map((bodies) => bodies as JsonObject[]);
}

/** Filters that mostly ask for what is indexed. */
function filterOf({ scalar, value }: Values, indexes: readonly Fields[]): fc.Arbitrary<Filter> {
  const path = fc.oneof(
    { arbitrary: fc.constantFrom(...indexes.flatMap(Object.keys)), weight: 4 },
    { arbitrary: fc.constantFrom(...DEEP_PATHS, ...PLAIN_PATHS), weight: 1 },
  );
  const operand = fc.oneof({ arbitrary: scalar, weight: 6 }, { arbitrary: value, weight: 1 });
  const operands = fc.array(operand, { maxLength: 3 });
  const operators = fc.oneof(
    fc.record({ $eq: operand }),
    fc.record({ $in: operands }),
    fc.record({ $in: operands, $ne: operand }),
    fc.record({ $gt: operand }),
    fc.record({ $lt: operand }),
    fc.record({ $gte: operand, $lte: operand }),
    fc.record({ $gte: operand, $lt: operand }),
    fc.record({ $gt: operand, $in: operands, $lte: operand }, { requiredKeys: ['$in'] }),
    fc.record({ $ne: operand }),
    fc.record({ $nin: operands }),
    fc.record({ $exists: fc.boolean() }),
    fc.record({ $type: fc.oneof(typeName, fc.array(typeName, { minLength: 1, maxLength: 2 })) }),
    fc.record({ $size: fc.nat(3) }),
    fc.record({ $mod: fc.tuple(fc.constantFrom(2, 3, -2), fc.constantFrom(0, 1, -1)) }),
    fc.record({ $all: operands }),
  );
  const { condition } = fc.letrec<{ condition: unknown; nested: unknown }>((tie) => ({
    nested: fc.oneof(
      { depthSize: 'small' },
      operators,
      fc.record({ $not: tie('nested') }),
      fc.record({ $elemMatch: tie('nested') }),
      fc.record({ $elemMatch: fc.dictionary(fc.constantFrom('b', 'c', 'b.c'), tie('condition'), { maxKeys: 2 }) }),
    ),
    condition: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: operand, weight: 3 },
      { arbitrary: operators, weight: 5 },
      { arbitrary: pattern, weight: 1 },
      { arbitrary: tie('nested'), weight: 1 },
    ),
  }));
  const conditions = (maxKeys: number) => fc.dictionary(path, condition, { maxKeys, noNullPrototype: true });
  const { filter } = fc.letrec<{ filter: Filter; filters: Filter[] }>((tie) => ({
    filters: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
    filter: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { arbitrary: conditions(2), weight: 6 },
      { arbitrary: fc.record({ $or: tie('filters') }), weight: 2 },
      { arbitrary: fc.record({ $and: tie('filters') }), weight: 1 },
      { arbitrary: fc.record({ $nor: tie('filters') }), weight: 1 },
      { arbitrary: fc.tuple(conditions(1), tie('filters')).map(([each, $or]) => ({ ...each, $or })), weight: 1 },
    ),
  }));
  return filter;
}

/** Sorts mostly by what is indexed: all fields of an index or its last ones, in its directions or against them. */
function optionsOf(indexes: readonly Fields[]): fc.Arbitrary<FindOptions> {
  const indexed = fc.tuple(fc.constantFrom(...indexes), fc.nat(1), direction).map(([index, from, flip]): Fields => {
    const entries = Object.entries(index).slice(Math.min(from, Object.keys(index).length - 1));
    return Object.fromEntries(entries.map(([path, each]) => [path, (each * flip) as 1 | -1]));
  });
  return fc.record(
    {
      sort: fc.oneof({ arbitrary: indexed, weight: 4 }, { arbitrary: fields, weight: 1 }),
      skip: fc.nat(3),
      limit: fc.nat(8),
    },
    { requiredKeys: [], noNullPrototype: true },
  );
}
