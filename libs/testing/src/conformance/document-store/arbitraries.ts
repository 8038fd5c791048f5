import type { Filter, FindOptions, IndexSpec, JsonObject } from '@gesta/core';
import fc from 'fast-check';

/**
 * Few values, so that they meet often: of every type, close to each other, equal but for their type, as text what
 * others are as they stand, and numbers that not every store takes for what they are.
 */
const scalar = fc.constantFrom<unknown>(
  ...[
    null,
    true,
    false,
    0,
    1,
    2,
    -1,
    1.5,
    0.1,
    0.30000000000000004,
    2 ** 53,
    2 ** 60,
    -(2 ** 63),
    1e21,
    5e-324,
    1.7976931348623157e308,
  ],
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
);

/** Objects and arrays, some levels deep, mostly of the two fields that paths lead through. */
const { value, object } = fc.letrec<{ value: unknown; object: Record<string, unknown>; array: unknown[] }>((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, scalar, scalar, tie('object'), tie('array')),
  object: fc.dictionary(fc.constantFrom('b', 'c'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
  array: fc.array(tie('value'), { maxLength: 3 }),
}));

/** `a` holds anything, `s` and `t` no arrays: only one field of a sort or of an index may hold them. */
const body = fc.record(
  { a: value, s: fc.oneof(scalar, scalar, fc.record({ b: scalar })), t: scalar },
  { requiredKeys: [], noNullPrototype: true },
);

/** Bodies of one collection: many of few kinds, so that sorts have ties and filters find several. */
export const anyBodies = fc
  .array(body, { minLength: 1, maxLength: 12 })
  .chain((kinds) => fc.array(fc.constantFrom(...kinds), { minLength: 1, maxLength: 30 }))
  .map((bodies) => bodies as JsonObject[]);

const anyPath = fc.constantFrom(
  'a',
  'a',
  'a.b',
  'a.b',
  'a.c',
  'a.b.c',
  'a.0',
  'a.b.0',
  'a.0.b',
  's',
  's',
  's.b',
  't',
  'none',
);
const plainPath = fc.constantFrom('s', 't', 'none');
const direction = fc.constantFrom(1 as const, -1 as const);

const fields = (path: fc.Arbitrary<string>, maxLength: number) =>
  fc
    .uniqueArray(fc.tuple(path, direction), { minLength: 1, maxLength, selector: ([each]) => each })
    .map((pairs): Record<string, 1 | -1> => Object.fromEntries(pairs));

/** One field that may hold arrays, before, after or between others that hold none. */
const anyFields = fc.oneof(
  fields(anyPath, 1),
  fields(plainPath, 3),
  fc.tuple(fields(plainPath, 1), fields(fc.constantFrom('a', 'a.b', 's.b'), 1)).map(([a, b]) => ({ ...a, ...b })),
  fc.tuple(fields(fc.constantFrom('a', 'a.b', 's.b'), 1), fields(plainPath, 2)).map(([a, b]) => ({ ...a, ...b })),
);

export const anyIndexes: fc.Arbitrary<IndexSpec[]> = fc.array(anyFields, { maxLength: 4 });

const operand = fc.oneof(
  { arbitrary: scalar, weight: 6 },
  { arbitrary: value, weight: 1 },
  { arbitrary: object, weight: 1 },
);
const operands = fc.array(operand, { maxLength: 3 });
const pattern = fc.constantFrom<unknown>(
  /^a/,
  /^a/i,
  /^A|b$/,
  /1/,
  /^$/,
  /^ab?/,
  /^1\.0/,
  { $regex: '^a', $options: 'm' },
  { $regex: '.' },
);
const typeName = fc.constantFrom('null', 'number', 'string', 'object', 'array', 'bool');

const operators = fc.oneof(
  fc.record({ $eq: operand }),
  fc.record({ $ne: operand }),
  fc.record({ $in: operands }),
  fc.record({ $nin: operands }),
  fc.record({ $gt: operand, $lt: operand }, { requiredKeys: [] }).filter((each) => Object.keys(each).length > 0),
  fc.record({ $gte: operand, $lte: operand }, { requiredKeys: [] }).filter((each) => Object.keys(each).length > 0),
  fc.record({ $gte: operand, $ne: operand, $exists: fc.boolean() }),
  fc.record({ $exists: fc.boolean() }),
  fc.record({ $type: fc.oneof(typeName, fc.array(typeName, { minLength: 1, maxLength: 2 })) }),
  fc.record({ $size: fc.nat(3) }),
  fc.record({ $mod: fc.tuple(fc.constantFrom(2, 3, -2), fc.constantFrom(0, 1, -1)) }),
  fc.record({ $all: operands }),
);

const { condition } = fc.letrec<{ condition: unknown; several: unknown }>((tie) => ({
  several: fc.oneof(
    { depthSize: 'small' },
    operators,
    operators,
    fc.record({ $not: tie('several') }),
    fc.record({
      $elemMatch: fc.oneof(
        tie('several'),
        fc.dictionary(fc.constantFrom('b', 'c', 'b.c'), tie('condition'), { maxKeys: 2 }),
      ),
    }),
  ),
  condition: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    operand,
    operators,
    operators,
    pattern,
    tie('several'),
  ),
}));

const { filter } = fc.letrec<{ filter: Filter; filters: Filter[] }>((tie) => ({
  filters: fc.array(tie('filter'), { minLength: 1, maxLength: 3 }),
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.dictionary(anyPath, condition, { maxKeys: 3, noNullPrototype: true }),
    fc.dictionary(anyPath, condition, { maxKeys: 2, noNullPrototype: true }),
    fc.record({ $or: tie('filters') }),
    fc.record({ $and: tie('filters') }),
    fc.record({ $nor: tie('filters') }),
    fc
      .tuple(fc.dictionary(anyPath, condition, { maxKeys: 1, noNullPrototype: true }), tie('filters'))
      .map(([each, $or]) => ({ ...each, $or })),
  ),
}));

const options: fc.Arbitrary<FindOptions> = fc.record(
  { sort: anyFields, skip: fc.nat(6), limit: fc.nat(12) },
  { requiredKeys: [], noNullPrototype: true },
);

/** A query that says something on the fields that the bodies have. */
export const anyQuery = fc.record({ filter, options }, { noNullPrototype: true });
