import { UnsupportedOperator, type Filter, type FindOptions, type IndexSpec } from '@gesta/core';
import { expect, it } from '../test-runner.js';
import { putBodies, refusalOf } from './samples.js';
import type { Subject } from './subject.js';

export function refusing(subject: Subject): void {
  it('refuses an operator that is not in the language, by name', async () => {
    const collection = await subject.fresh([{ a: 1 }]);
    await putBodies(collection, { a: { a: 1 } });
    const filters: [string, Filter][] = [
      ['$where', { $where: 'this.a == 1' }],
      ['$expr', { $and: [{ $expr: { $gt: ['$a', 1] } }] }],
      ['$text', { $text: { $search: 'x' } }],
      ['$jsonSchema', { $jsonSchema: { required: ['a'] } }],
      ['$function', { $nor: [{ a: { $function: { body: '', args: [], lang: 'js' } } }] }],
      ['$foo', { a: { $elemMatch: { b: { $not: { $foo: 1 } } } } }],
      ['$foo', { a: { $in: [{ b: { $foo: 1 } }] } }],
    ];
    for (const [operator, filter] of filters) {
      for (const refusal of [await refusalOf(collection.find(filter)), await refusalOf(collection.count(filter))]) {
        expect(refusal).toBeInstanceOf(UnsupportedOperator);
        expect(refusal).toMatchObject({ operator });
        expect(refusal.message).toContain(operator);
      }
    }
  });

  it('refuses a variable that is not set instead of finding everything', async () => {
    const collection = await subject.fresh([{ customer: 1 }]);
    await putBodies(collection, { a: { customer: 1 }, b: {} });
    for (const filter of [
      { customer: undefined },
      { customer: { $in: [undefined] } },
      { $or: [{ customer: { $ne: undefined } }] },
    ]) {
      for (const refusal of [await refusalOf(collection.find(filter)), await refusalOf(collection.count(filter))]) {
        expect(refusal).toBeInstanceOf(TypeError);
        expect(refusal.message).toMatch(/customer.* is undefined/);
      }
    }
  });

  it('refuses a filter that is malformed, and names the place', async () => {
    const collection = await subject.fresh();
    const filters: [unknown, RegExp][] = [
      [undefined, /filter must be an object/],
      [[], /filter must be an object/],
      [{ a: { $in: 1 } }, /a\.\$in takes an array/],
      [{ a: { $regex: '(' } }, /a\.\$regex: Invalid regular expression/],
      [{ a: /x(?=y)/ }, /a: .*a look-ahead, '\(\?=y\)', which cannot be run in a bounded time/],
      [{ a: { $in: [/(x)\1/] } }, /a\.\$in\[0\]: .*a back-reference/],
      [{ $or: [] }, /\$or takes an array of at least one filter/],
      [{ a: { $gt: 1, b: 2 } }, /a mixes operators/],
      [{ a: { $mod: [0, 0] } }, /a\.\$mod takes a divisor/],
      [{ a: NaN }, /a is NaN/],
      [{ a: new Date(0) }, /a is a Date/],
      [JSON.parse('{"__proto__":{"$gt":1}}'), /__proto__/],
    ];
    for (const [filter, message] of filters) {
      const refusal = await refusalOf(collection.find(filter as Filter));
      expect(refusal instanceof TypeError || refusal instanceof RangeError).toBe(true);
      expect(refusal.message).toMatch(message);
    }
  });

  it('refuses options that mean nothing', async () => {
    const collection = await subject.fresh();
    const all: [unknown, RegExp][] = [
      [{ sort: { a: 2 } }, /sort\.a takes 1 \(ascending\) or -1 \(descending\), not 2/],
      [{ sort: { a: 'asc' } }, /sort\.a takes 1/],
      [{ sort: { a: undefined } }, /sort\.a takes 1/],
      [{ sort: 'a' }, /sort takes an object/],
      [{ sort: { $a: 1 } }, /'\$a' is no path/],
      [{ limit: -1 }, /limit cannot be negative/],
      [{ skip: -1 }, /skip cannot be negative/],
      [{ limit: 1.5 }, /limit takes a whole number/],
      [{ skip: '1' }, /skip takes a whole number/],
      [{ limit: NaN }, /limit takes a whole number/],
    ];
    for (const [options, message] of all) {
      const refusal = await refusalOf(collection.find({}, options as FindOptions));
      expect(refusal instanceof TypeError || refusal instanceof RangeError).toBe(true);
      expect(refusal.message).toMatch(message);
    }
  });

  it('refuses names and indexes that cannot be', async () => {
    for (const name of [
      '',
      '$cmd',
      'a$b',
      '.a',
      'a.',
      'a..b',
      'system.users',
      'nul\u0000',
      'line\nbreak',
      "it's",
      'a"b',
      'a/b',
      'x'.repeat(121),
    ]) {
      expect(await refusalOf(subject.store.collection(name))).toBeInstanceOf(RangeError);
    }
    for (const index of [{}, { a: 2 }, { 'a..b': 1 }, { $a: 1 }, { a: 'text' }] as IndexSpec[]) {
      const refusal = await refusalOf(subject.store.collection(subject.freshName(), { indexes: [index] }));
      expect(refusal).toBeInstanceOf(RangeError);
    }
  });
}
