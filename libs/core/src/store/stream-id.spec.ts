import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { categoryOf, checkedStreamId, idOf, InvalidStreamId, streamId } from './stream-id.js';

describe('streamId', () => {
  it('is the category, a dash and the id', () => {
    expect(streamId('ordering.order', '42')).toBe('ordering.order-42');
  });

  it('comes apart into the category and the id it was made of, whatever dashes the id has', () => {
    const category = fc.stringMatching(/^[A-Za-z$][A-Za-z0-9_.$]{0,30}$/);
    const id = fc.oneof(
      fc.uuid(),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
      fc.constantFrom('-', '--a', 'a-'),
    );
    fc.assert(
      fc.property(category, id, (of, it) => {
        const name = streamId(of, it);
        expect(categoryOf(name)).toBe(of);
        expect(idOf(name)).toBe(it);
        expect(checkedStreamId(name)).toBe(name);
      }),
    );
  });

  it('refuses a category that holds a dash, or is none', () => {
    for (const category of ['', 'a-b', '-', '1a', '.a', 'a b', 'é', 'a/b', 'a\n']) {
      expect(() => streamId(category, '1')).toThrow(InvalidStreamId);
    }
  });

  it('refuses an id that is empty, too long or unprintable', () => {
    for (const id of ['', 'a\u0000', '\n', '\u007f', '\ud800', 'a\udc00b', 'x'.repeat(492)]) {
      expect(() => streamId('category', id)).toThrow(InvalidStreamId);
    }
    expect(streamId('category', 'x'.repeat(491))).toHaveLength(500);
    expect(streamId('category', '🗝️')).toBe('category-🗝️');
  });
});

describe('checkedStreamId', () => {
  it('takes a name that could be a stream, and gives it back', () => {
    for (const name of ['a-b', 'a--', '$ce.x-y', 'a.b-c-d', `a-${'x'.repeat(498)}`])
      expect(checkedStreamId(name)).toBe(name);
  });

  it('refuses a name without a category or without an id, saying so', () => {
    for (const name of ['', '-', 'a', '-a', 'a-', 'nodash']) {
      expect(() => checkedStreamId(name)).toThrow(`'${name}' is no stream id`);
    }
  });

  it('refuses a name of more than 500 characters, saying how many there are', () => {
    expect(() => checkedStreamId(`a-${'x'.repeat(499)}`)).toThrow('at most 500 characters, not 501');
  });
});

describe('categoryOf and idOf', () => {
  it('divide a name at its first dash', () => {
    expect(categoryOf('ordering.order-a-b')).toBe('ordering.order');
    expect(idOf('ordering.order-a-b')).toBe('a-b');
  });

  it('take a name without a dash for a category and an id alike', () => {
    expect(categoryOf('settings')).toBe('settings');
    expect(idOf('settings')).toBe('settings');
  });
});
