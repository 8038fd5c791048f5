import type { JsonObject } from '@gesta/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BSON } from 'mongodb';
import { fromRead, toWrite, type ReadModelDocument } from './read-model-document.js';

/** Any JSON at all: broken surrogates, null characters and whatever means something to MongoDB or its driver included. */
const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom('a', '\0', '\ud83d', '\ude00', '\ufffe', '0', 'd', '$', '\ufeff') }),
);
const name = fc.oneof(
  text,
  fc.constantFrom('_id', '_gesta', '$ref', '$id', '$db', '$set', 'a.b', '', '0', '_bsontype', '__proto__', 'toBSON'),
  fc.constantFrom('length', 'constructor', 'key', 'version', 'deleted'),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0 || 0),
  fc.constantFrom(2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 2 ** 53 + 2, 2 ** 63, 2 ** 64, 1e21, 5e-324),
);
const { object } = fc.letrec<{ object: JsonObject; value: unknown }>((tie) => ({
  object: fc.dictionary(name, tie('value'), { maxKeys: 5, noNullPrototype: true }) as fc.Arbitrary<JsonObject>,
  value: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.oneof(text, number, fc.boolean(), fc.constant(null)),
    fc.array(tie('value'), { maxLength: 4 }),
    tie('object'),
  ),
}));

const throughBson = (document: ReadModelDocument) =>
  BSON.deserialize(BSON.serialize(document)) as unknown as ReadModelDocument;

describe('a document in MongoDB', () => {
  it('gives back any JSON as it was, with the order of its fields', () => {
    fc.assert(
      fc.property(object, fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), (body, version) => {
        const read = fromRead(throughBson(toWrite({ key: 'a', version, body }).document));
        expect(JSON.stringify(read.body)).toBe(JSON.stringify(body));
        expect(read).toEqual({ key: 'a', version, body });
      }),
      { numRuns: 500 },
    );
  });

  it('takes no more bytes than was estimated', () => {
    fc.assert(
      fc.property(text, object, (key, body) => {
        const { document, bytes } = toWrite({ key, version: 1n, body });
        expect(BSON.calculateObjectSize(document)).toBeLessThanOrEqual(bytes);
      }),
    );
  });

  it('has the fields of its body at the top, beside the key and Gesta’s own', () => {
    const body = { status: 'placed', total: { amount: 5 } };
    expect(toWrite({ key: 'a', version: 7n, body }).document).toEqual({
      _id: 'a',
      _gesta: { version: BSON.Long.fromNumber(7) },
      status: 'placed',
      total: { amount: 5 },
    });
  });

  it('keeps a tombstone without fields of its own', () => {
    const { document } = toWrite({ key: 'a', version: 7n, body: undefined });
    expect(document).toEqual({ _id: 'a', _gesta: { version: BSON.Long.fromNumber(7), deleted: true } });
    expect(fromRead(throughBson(document))).toEqual({ key: 'a', version: 7n, body: undefined });
  });

  it('escapes names that mean something to MongoDB, and says so', () => {
    const body = { _id: 1, _gesta: 2, $set: 3, inside: { _id: 4, $ref: 'x', $id: 5 }, text: 'half \ud83d' };
    const { document } = toWrite({ key: 'a', version: 1n, body });
    expect(document).toMatchObject({ _id: 'a', _gesta: { escaped: true }, inside: { _id: 4 } });
    expect(JSON.stringify(document)).not.toContain('$');
    expect(fromRead(throughBson(document)).body).toEqual(body);
  });
});
