import { compileFilter, explicitFilter, type Filter, type JsonObject } from '@gesta/core';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { BSONRegExp } from 'mongodb';
import { storedFields } from '../documents/stored-value.js';
import { serverFilter } from './server-filter.js';

const asked = (filter: Filter) => serverFilter(explicitFilter(filter));

describe('a filter for the server', () => {
  it('is the filter itself, written out', () => {
    expect(asked({ status: 'placed', 'total.amount': { $gte: 5, $lt: 9 } })).toEqual({
      query: { status: { $eq: 'placed' }, 'total.amount': { $gte: 5, $lt: 9 } },
      exact: true,
    });
    const nested = { $or: [{ a: { $in: [1, null] } }, { b: { $not: { $elemMatch: { c: { $size: 2 } } } } }] };
    expect(asked(nested)).toEqual({ query: nested, exact: true });
  });

  it('asks for fields by the names that they are stored under', () => {
    const { query } = asked({ _id: 1, 'a._id': 2, _gesta: 3, list: { $elemMatch: { _id: { x: '\ufffe' } } } });
    expect(query).toEqual({
      '\ufffe005fid': { $eq: 1 },
      'a._id': { $eq: 2 },
      '\ufffe005fgesta': { $eq: 3 },
      list: { $elemMatch: { _id: { $eq: { x: '\ufffefffe' } } } },
    });
  });

  it('leaves out what only the application can decide', () => {
    expect(asked({ a: /\bx/, b: 1 })).toEqual({ query: { b: { $eq: 1 } }, exact: false });
    expect(asked({ a: { $not: /x/ }, b: { $nin: [1, /x/, /^y/] } })).toEqual({
      query: { b: { $nin: [1, new BSONRegExp('^y', '')] } },
      exact: false,
    });
    expect(asked({ $nor: [{ a: /x/i }, { b: 1 }] })).toEqual({ query: { $nor: [{ b: { $eq: 1 } }] }, exact: false });
    expect(asked({ $nor: [{ a: /x/i }] })).toEqual({ query: {}, exact: false });
    expect(asked({ a: { $elemMatch: { $regex: '\\s' } } })).toEqual({ query: { a: { $type: 'array' } }, exact: false });
    expect(asked({ a: { $all: [1, /x/] } })).toEqual({ query: { a: { $all: [1] } }, exact: false });
    expect(asked({ a: { $mod: [2 ** 70, 0] } })).toEqual({ query: {}, exact: false });
  });

  // The server is stood in for by the application's own filters: what matters is what is asked, not by whom it is run.
  it('never loses what matches, and finds nothing else where it is exact', () => {
    fc.assert(
      fc.property(anyFilter, fc.array(anyBody, { minLength: 1, maxLength: 8 }), (filter, bodies) => {
        const { query, exact } = asked(filter);
        const [decides, prunes] = [compileFilter(filter), compileFilter(runHere(query) as Filter)];
        for (const body of bodies) {
          const given = prunes(storedFields(body).value);
          if (exact) expect({ filter, body, given }).toEqual({ filter, body, given: decides(body) });
          else if (decides(body)) expect({ filter, body, given }).toEqual({ filter, body, given: true });
        }
      }),
      { numRuns: 600 },
    );
  });
});

/** The query with regular expressions that JavaScript runs. */
function runHere(query: unknown): unknown {
  if (query instanceof BSONRegExp) return new RegExp(query.pattern, query.options);
  if (Array.isArray(query)) return query.map(runHere);
  if (typeof query !== 'object' || query === null) return query;
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, runHere(value)]));
}

const scalar = fc.constantFrom<unknown>(null, true, 0, 1, 2, 1.5, '', 'a', 'ab', 'x\ud83d', '\ufffe', 'd83d');
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    { arbitrary: scalar, weight: 4 },
    fc.dictionary(fc.constantFrom('b', '_id', '_bsontype', 'x.y'), tie('value'), { maxKeys: 2, noNullPrototype: true }),
    fc.array(tie('value'), { maxLength: 3 }),
  ),
}));
const names = ['a', 'b', '_id', '_gesta'];
const anyBody = fc.dictionary(fc.constantFrom(...names), value, {
  maxKeys: 4,
  noNullPrototype: true,
}) as fc.Arbitrary<JsonObject>;
const pattern = fc.constantFrom<unknown>(/^a/, /^A/i, /a|b/, /^.$/, /\ud83d/, /d83d/, /^x/, /.*b$/);
const path = fc.constantFrom(...names, 'a.b', 'a.0', 'a._id', '_id.b', '_id._id');
const { condition } = fc.letrec<{ condition: unknown; operators: unknown }>((tie) => ({
  operators: fc.oneof(
    { depthSize: 'small' },
    fc.record({ $eq: value }),
    fc.record({ $ne: value }),
    fc.record({ $gte: scalar }),
    fc.record({ $in: fc.array(fc.oneof(value, pattern), { maxLength: 3 }) }),
    fc.record({ $nin: fc.array(fc.oneof(value, pattern), { maxLength: 3 }) }),
    fc.record({ $exists: fc.boolean() }),
    fc.record({ $type: fc.constantFrom('string', 'number', 'array') }),
    fc.record({ $mod: fc.constant([2, 0]) }),
    fc.record({ $size: fc.nat(3) }),
    fc.record({
      $all: fc.array(fc.oneof(value, pattern, fc.record({ $elemMatch: tie('operators') })), { maxLength: 3 }),
    }),
    fc.record({ $not: fc.oneof(tie('operators'), pattern) }),
    fc.record({ $elemMatch: tie('operators') }),
    fc.record({ $elemMatch: fc.dictionary(fc.constantFrom('b', '_id'), tie('condition'), { maxKeys: 2 }) }),
    fc.record({ $ne: value, $regex: fc.constantFrom('^a', 'b|a') }),
  ),
  condition: fc.oneof({ depthSize: 'small' }, value, tie('operators'), pattern),
}));
const { anyFilter } = fc.letrec<{ anyFilter: Filter }>((tie) => {
  const fields = fc.dictionary(path, condition, { maxKeys: 2, noNullPrototype: true }) as fc.Arbitrary<Filter>;
  const filters = fc.array(tie('anyFilter'), { minLength: 1, maxLength: 3 });
  return {
    anyFilter: fc.oneof(
      { depthSize: 'small' },
      fields,
      fc.record({ $and: filters }),
      fc.record({ $or: filters }),
      fc.record({ $nor: filters }),
      fc.tuple(fields, filters).map(([each, $nor]) => ({ ...each, $nor })),
    ),
  };
});
