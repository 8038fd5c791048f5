import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyOfJson, NotJson, toJson, type JsonObject } from './json.js';

const throughJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function refusalOf(value: unknown): NotJson {
  try {
    toJson(value);
  } catch (refusal) {
    expect(refusal).toBeInstanceOf(NotJson);
    return refusal as NotJson;
  }
  throw new Error('It was not refused');
}

describe('toJson', () => {
  it('returns a value that is JSON already as it is, without a copy', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (given) => {
        const value = throughJson(given); // without negative zeros
        expect(toJson(value)).toBe(value);
      }),
    );
  });

  it('makes of anything what a trip through JSON makes of it, or refuses it', () => {
    const anything = fc.anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
    });
    fc.assert(
      fc.property(anything, (value) => {
        let made: unknown;
        try {
          made = toJson(value);
        } catch (refusal) {
          expect(refusal).toBeInstanceOf(NotJson);
          return;
        }
        expect(JSON.stringify(made)).toBe(JSON.stringify(value));
        expect(JSON.stringify(throughJson(made))).toBe(JSON.stringify(made));
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the same value and the very same reference the second time', () => {
    class Line {
      constructor(
        readonly sku: string,
        readonly note?: string,
      ) {}
    }
    const lines = fc.array(fc.tuple(fc.string(), fc.option(fc.string(), { nil: undefined })));
    fc.assert(
      fc.property(lines, (given) => {
        const once = toJson({ lines: given.map(([sku, note]) => new Line(sku, note)) });
        expect(once).toEqual(throughJson(once));
        expect(toJson(once)).toBe(once);
      }),
    );
  });

  it('makes plain objects of class instances, and leaves what it was given as it was', () => {
    class Money {
      readonly currency = 'EUR';
      constructor(readonly amount: number) {}
      get twice() {
        return this.amount * 2;
      }
    }
    const price = new Money(3);
    const given = { lines: [{ price, paid: undefined }, { price: null }] };
    const made = toJson(given);
    expect(made).toStrictEqual({ lines: [{ price: { currency: 'EUR', amount: 3 } }, { price: null }] });
    expect(Object.getPrototypeOf(made.lines[0]!.price)).toBe(Object.prototype);
    expect(given.lines[0]).toStrictEqual({ price, paid: undefined });
  });

  it('copies only what changes on the way', () => {
    const kept = { deep: [1, { a: 'b' }] };
    const made = toJson({ kept, at: new Date(0) });
    expect(made).toEqual({ kept, at: '1970-01-01T00:00:00.000Z' });
    expect(made.kept).toBe(kept);
  });

  it('asks whatever has a toJSON, also within what toJSON returned', () => {
    const inner = { toJSON: () => 7 };
    const outer = { toJSON: () => ({ inner, at: new Date(0) }) };
    expect(toJson([outer] as unknown[])).toStrictEqual([{ inner: 7, at: '1970-01-01T00:00:00.000Z' }]);
  });

  it('leaves out fields that are undefined and keeps the order of the others', () => {
    const made = toJson({ z: 1, gone: undefined, a: new Date(0), m: 2 });
    expect(Object.keys(made)).toEqual(['z', 'a', 'm']);
  });

  it('makes zero of negative zero', () => {
    expect(Object.is(toJson(-0), 0)).toBe(true);
    expect(Object.is(toJson({ a: [-0] }).a[0], 0)).toBe(true);
  });

  it('takes strings, numbers and booleans out of their boxes', () => {
    const boxed: Record<string, unknown> = { text: Object('a'), number: Object(-0), truth: Object(false) };
    expect(toJson(boxed)).toStrictEqual({ text: 'a', number: 0, truth: false });
  });

  it('has fields of any name, __proto__ too', () => {
    const text = '{"__proto__":{"at":1},"constructor":2,"":3,"a.b":4}';
    const plain = JSON.parse(text) as JsonObject;
    expect(toJson(plain)).toBe(plain);
    const changed = toJson({ ...plain, gone: undefined });
    expect(JSON.stringify(changed)).toBe(text);
    expect(({} as { at?: number }).at).toBeUndefined();
    const inProto = JSON.parse(text) as { ['__proto__']: { at: unknown } };
    inProto['__proto__'].at = new Date(0);
    expect(JSON.stringify(toJson(inProto))).toBe(text.replace('"at":1', '"at":"1970-01-01T00:00:00.000Z"'));
  });

  const refused: [string, unknown, string][] = [
    ['NaN', NaN, 'NaN'],
    ['infinity', -Infinity, '-Infinity'],
    ['a NaN in a box', Object(NaN), 'NaN'],
    ['a bigint', 1n, 'a bigint'],
    ['a bigint in a box', Object(1n), 'a BigInt'],
    ['a function', () => 1, 'a function'],
    ['a symbol', Symbol('a'), 'a symbol'],
    ['a map', new Map([[1, 2]]), 'a Map'],
    ['a set', new Set([1]), 'a Set'],
    ['a date that is none', new Date(NaN), 'an invalid Date'],
    ['a promise', Promise.resolve(1), 'a Promise'],
    ['an error', new RangeError('lost'), 'an Error'],
    ['a regular expression', /a/, 'a RegExp'],
    ['raw memory', new ArrayBuffer(2), 'an ArrayBuffer'],
  ];
  for (const [what, value, found] of refused) {
    it(`refuses ${what}, naming the place`, () => {
      expect(refusalOf(value)).toMatchObject({ path: '', found });
      expect(refusalOf({ lines: [{ price: 1 }, { price: value }] })).toMatchObject({ path: 'lines[1].price', found });
      expect(() => toJson([[value]])).toThrow(/^\[0\]\[0\] is .*, which JSON cannot hold$/);
    });
  }

  it('refuses undefined where it cannot be left out', () => {
    expect(refusalOf(undefined)).toMatchObject({ path: '', found: 'undefined' });
    expect(refusalOf({ a: [1, undefined] })).toMatchObject({ path: 'a[1]', found: 'undefined' });
    // oxlint-disable-next-line no-sparse-arrays -- a hole is what is refused
    expect(refusalOf({ a: [1, , 3] })).toMatchObject({ path: 'a[1]', found: 'undefined' });
  });

  it('refuses what refers to itself', () => {
    const cycle: { a: unknown[] } = { a: [] };
    cycle.a.push({ back: cycle });
    expect(refusalOf(cycle).found).toContain('cycle');
    const endless = { toJSON: () => endless };
    expect(refusalOf(endless).found).toContain('cycle');
  });

  it('names the place of the one thing that is not JSON, wherever it is', () => {
    const key = fc.stringMatching(/^[a-z]{1,5}$/);
    const step = fc.oneof(key, fc.nat(3));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 6 }), fc.constantFrom(NaN, 1n, new Set()), (path, bad) => {
        let value: unknown = bad;
        for (const at of path.toReversed()) {
          value =
            typeof at === 'number' ? [...Array<number>(at).fill(0), value, 1] : { first: 1, [at]: value, last: [] };
        }
        const shown = path.map((at, n) => (typeof at === 'number' ? `[${at}]` : n > 0 ? `.${at}` : at)).join('');
        expect(refusalOf(value).path).toBe(shown);
      }),
    );
  });
});

describe('copyOfJson', () => {
  it('equals what it was made of, and shares nothing with it', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const copy = copyOfJson(value);
        expect(copy).toStrictEqual(value);
        const shared = new Set(objectsIn(value));
        expect(objectsIn(copy).some((object) => shared.has(object))).toBe(false);
      }),
    );
  });

  it('makes two of what stands in two places', () => {
    const line = { sku: 'a' };
    const copy = copyOfJson({ first: line, all: [line] });
    expect(copy).toEqual({ first: line, all: [line] });
    expect(copy.all[0]).not.toBe(copy.first);
  });

  it('takes a field named __proto__ for a field', () => {
    const copy = copyOfJson(JSON.parse('{"__proto__":{"admin":true}}') as { admin?: boolean });
    expect(copy.admin).toBeUndefined();
    expect(JSON.stringify(copy)).toBe('{"__proto__":{"admin":true}}');
  });
});

function objectsIn(value: unknown): object[] {
  if (typeof value !== 'object' || value === null) return [];
  return [value, ...Object.values(value).flatMap(objectsIn)];
}
