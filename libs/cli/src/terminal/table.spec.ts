import { describe, expect, it } from '@jest/globals';
import { widthOf } from './fitting.js';
import { table } from './table.js';

describe('a table', () => {
  it('is as wide as what is in it', () => {
    expect(
      table(
        ['NAME', 'N'],
        [
          ['orders', '1'],
          ['x', '1,000'],
        ],
      ),
    ).toBe('NAME    N\norders  1\nx       1,000');
  });

  it('shortens the last column, and no other, to the terminal', () => {
    const text = table(['ID', 'ERROR'], [['4711', 'Error: something that goes on and on']], 26);
    expect(text).toBe('ID    ERROR\n4711  Error: something th…');
    expect(table(['ID', 'ERROR'], [['a'.repeat(40), 'Error: something that goes on']], 26)).toContain(
      `${'a'.repeat(40)}  Error: somethin…`,
    );
  });

  it('keeps a row on one line, and counts wide letters as two', () => {
    const [, first, second] = table(
      ['NAME', 'N'],
      [
        ['注文', 'a\n  b'],
        ['order', 'c'],
      ],
    ).split('\n');
    expect(first).toBe('注文   a b');
    expect(widthOf(first!.split('a')[0]!)).toBe(second!.indexOf('c'));
  });
});
