import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { headersFrom } from './headers-text.js';

const NAMES = ['correlationId', 'causationId', 'userId', 'traceparent', 'tenant', '', '__proto__'];

describe('the text of headers', () => {
  it.each([
    [{}],
    [{ correlationId: 'c' }],
    [{ correlationId: 'c', causationId: 'e', userId: 'ada' }],
    [{ userId: 'ada' }],
    [{ userId: '' }],
    [{ userId: 'Adéla 🌵' }],
    [{ correlationId: 'say "yes"' }],
    [{ correlationId: '\\' }],
    [{ userId: 'ada', correlationId: 'c' }],
    [{ correlationId: 'c', traceparent: '00-1-2-01' }],
    [{ correlationId: 7 }],
    [{ correlationId: 'c', tenant: { name: 'x' } }],
  ])('gives what was in it: %j', (headers) => {
    expect(headersFrom(JSON.stringify(headers))).toStrictEqual(headers);
  });

  it('gives what JSON.parse gives, for all headers', () => {
    const value = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('"', '\\', '","userId":"'), fc.jsonValue());
    const headers = fc.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), value), { selector: ([name]) => name });
    fc.assert(
      fc.property(headers, (entries) => {
        const text = `{${entries.map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`).join(',')}}`;
        const given = headersFrom(text);
        const parsed = JSON.parse(text) as object;
        expect(given).toStrictEqual(parsed);
        expect(Object.keys(given)).toEqual(Object.keys(parsed));
      }),
      { numRuns: 2_000 },
    );
  });

  it('is refused when it is no JSON', () => {
    for (const text of ['', '{', '{"userId":"a"', '{"userId":"a"]', '{"userId":"a"}}', '{"userId":"a",}'])
      expect(() => headersFrom(text)).toThrow(SyntaxError);
  });
});
