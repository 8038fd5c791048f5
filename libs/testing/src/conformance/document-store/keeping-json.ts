import type { JsonObject } from '@gesta/core';
import fc from 'fast-check';
import { expect, it } from '../test-runner.js';
import { byKey, document, foundKeys, stored } from './samples.js';
import type { Subject } from './subject.js';

/** Any JSON but for two things that a store may be unable to hold: broken surrogates, and names with a null character. */
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('\u0000', '1', 'null'),
);
const name = fc.oneof(
  text.map((each) => each.replaceAll('\u0000', '')),
  fc.constantFrom('__proto__', 'constructor', '_id', '$set', 'a.b', '', '0', 'length'),
);
const number = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((each) => each + 0 || 0),
  fc.constantFrom(2 ** 31, 2 ** 53, 2 ** 53 + 2, 2 ** 60, 2 ** 63, 2 ** 64, 1e21, 1e300, 5e-324, 0.1, -1e-7),
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

export function keepingJson(subject: Subject): void {
  it('keeps any JSON as it is, with the order of its fields', async () => {
    const collection = await subject.fresh([{ a: 1 }, { 'a.b': -1 }]);
    let version = 0n;
    await fc.assert(
      fc.asyncProperty(fc.array(object, { minLength: 1, maxLength: 5 }), async (bodies) => {
        version++;
        await collection.put(bodies.map((body, index) => document(`key-${index}`, { a: body, body }, version)));
        for (const [index, body] of bodies.entries()) {
          const found = await stored(collection, `key-${index}`);
          expect(JSON.stringify(found?.body)).toBe(JSON.stringify({ a: body, body }));
        }
      }),
      { numRuns: subject.runs * 4 },
    );
  });

  it('leaves out fields that are undefined, and gives class instances back as plain objects', async () => {
    class Money {
      constructor(
        readonly amount: number,
        readonly currency: string | undefined,
      ) {}
    }
    const collection = await subject.fresh();
    const body = {
      price: new Money(5, undefined),
      none: undefined,
      at: new Date(0),
      zero: -0,
    } as unknown as JsonObject;
    await collection.put([document('a', body)]);
    const found = (await stored(collection, 'a'))!.body!;
    expect(JSON.stringify(found)).toBe('{"price":{"amount":5},"at":"1970-01-01T00:00:00.000Z","zero":0}');
    expect(await foundKeys(collection, { none: { $exists: false }, price: { amount: 5 } })).toEqual(['a']);
  });

  it('keeps bodies that are large, deep or empty', async () => {
    const collection = await subject.fresh();
    const large: JsonObject = {
      text: '0123456789 😀'.repeat(50_000),
      list: Array.from({ length: 20_000 }, (_, n) => ({ n })),
    };
    let deep: JsonObject = { end: true };
    for (let level = 0; level < 40; level++) deep = { deeper: [deep] };
    const documents = [document('deep', deep), document('empty', {}), document('large', large)];
    await collection.put(documents);
    expect(await collection.get(['deep', 'empty', 'large'])).toEqual(byKey(documents));
    expect(await foundKeys(collection, { 'list.n': 19_999 })).toEqual(['large']);
    expect(await foundKeys(collection, { 'deeper.deeper.deeper': { $exists: true } })).toEqual(['deep']);
  });
}
