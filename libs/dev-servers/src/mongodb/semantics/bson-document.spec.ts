import { describe, expect, it } from '@jest/globals';
import {
  Binary,
  BSONRegExp,
  BSONSymbol,
  Code,
  DBRef,
  Decimal128,
  Double,
  Int32,
  Long,
  MaxKey,
  MinKey,
  ObjectId,
  serialize,
  Timestamp,
  UUID,
} from 'bson';
import { isDocument, readDocument } from './bson-document.js';
import { MongoDBError } from './mongodb-error.js';

describe('a document that is read', () => {
  it('is written again byte by byte', () => {
    const bytes = serialize({
      int: new Int32(1),
      double: new Double(1),
      zero: new Double(-0),
      long: Long.ONE,
      large: Long.MAX_VALUE,
      decimal: Decimal128.fromString('1.00'),
      text: 'ä\0😀',
      yes: true,
      nothing: null,
      when: new Date(5),
      id: new ObjectId(),
      uuid: new UUID(),
      bytes: new Binary(Buffer.from('x'), 128),
      at: new Timestamp({ t: 1, i: 2 }),
      pattern: new BSONRegExp('^a\\/b', 'imx'),
      symbol: new BSONSymbol('s'),
      code: new Code('f', { a: new Double(2) }),
      least: new MinKey(),
      most: new MaxKey(),
      list: [new Int32(1), [new Double(1)], { a: Long.ONE }],
      __proto__: 1,
    });
    expect(Buffer.from(serialize(readDocument(bytes))).equals(bytes)).toBe(true);
  });

  it('holds database references as documents', () => {
    const reference = new DBRef('c', new ObjectId(), 'd', { extra: 1 });
    const document = readDocument(serialize({ a: [reference], b: { $ref: 'c', $id: 5 }, when: new Date(5) }));
    expect(document['a']).toEqual([{ $ref: 'c', $id: reference.oid, $db: 'd', extra: new Int32(1) }]);
    expect(isDocument(document['b'])).toBe(true);
    expect(document['when']).toEqual(new Date(5));
  });
});

describe('an error', () => {
  it('has the number and the name that MongoDB gives it', () => {
    expect(new MongoDBError('DuplicateKey', 'x')).toMatchObject({ code: 11000, codeName: 'DuplicateKey' });
    expect(new MongoDBError(66, 'x').codeName).toBe('ImmutableField');
    expect(new MongoDBError(40324, 'x').codeName).toBe('Location40324');
  });
});
