import type { BSONRegExp, Code } from 'bson';

/** BSON's types by the names that `$type` knows, with their numbers. */
export const bsonTypes = {
  minKey: -1,
  double: 1,
  string: 2,
  object: 3,
  array: 4,
  binData: 5,
  undefined: 6,
  objectId: 7,
  bool: 8,
  date: 9,
  null: 10,
  regex: 11,
  dbPointer: 12,
  javascript: 13,
  symbol: 14,
  javascriptWithScope: 15,
  int: 16,
  timestamp: 17,
  long: 18,
  decimal: 19,
  maxKey: 127,
} as const;

export type BsonTypeName = keyof typeof bsonTypes;

/**
 * How types follow each other when values of several are compared. Types of one rank are compared by value: the
 * numbers with each other, symbols with strings.
 */
export const bsonRank: Record<BsonTypeName, number> = {
  minKey: -1,
  undefined: 0,
  null: 5,
  double: 10,
  int: 10,
  long: 10,
  decimal: 10,
  string: 15,
  symbol: 15,
  object: 20,
  array: 25,
  binData: 30,
  objectId: 35,
  bool: 40,
  date: 45,
  timestamp: 47,
  regex: 50,
  dbPointer: 55,
  javascript: 60,
  javascriptWithScope: 65,
  maxKey: 127,
};

const classes: Record<string, BsonTypeName> = {
  Int32: 'int',
  Double: 'double',
  Long: 'long',
  Decimal128: 'decimal',
  ObjectId: 'objectId',
  Binary: 'binData',
  Timestamp: 'timestamp',
  BSONRegExp: 'regex',
  BSONSymbol: 'symbol',
  MinKey: 'minKey',
  MaxKey: 'maxKey',
  DBRef: 'object',
};

/** The BSON type of a value in memory; `undefined` also for what is not there. */
export function bsonType(value: unknown): BsonTypeName {
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'number':
      return isInt32(value) ? 'int' : 'double';
    case 'boolean':
      return 'bool';
    case 'bigint':
      return 'long';
    case 'object':
      return value === null ? 'null' : objectType(value);
    default:
      return 'undefined';
  }
}

function objectType(value: object): BsonTypeName {
  if (Array.isArray(value)) return 'array';
  const tag = (value as { _bsontype?: unknown })._bsontype;
  if (typeof tag === 'string') {
    if (tag === 'Code') return (value as Code).scope ? 'javascriptWithScope' : 'javascript';
    return classes[tag] ?? 'object';
  }
  if (value instanceof Date) return 'date';
  if (value instanceof RegExp) return 'regex';
  return value instanceof Uint8Array ? 'binData' : 'object';
}

/** Whether bson writes this JavaScript number as an int. */
export const isInt32 = (value: number) => (value | 0) === value && !Object.is(value, -0);

/** The position of the value's type among the types; see {@link bsonRank}. */
export const rankOf = (value: unknown) => bsonRank[bsonType(value)];

/** Pattern and options of a regular expression, whichever class holds it. */
export function patternOf(value: BSONRegExp | RegExp): { pattern: string; options: string } {
  if (value instanceof RegExp) return { pattern: value.source, options: value.flags };
  return { pattern: value.pattern, options: value.options };
}
