import { describe, expect, it } from '@jest/globals';
import { cursorAt, placeOf, type ProductSort } from './product-cursor.js';

const place = { sort: 'name', value: 'oak chair\tchair-oak' } as const;
const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('product cursors', () => {
  it('lead back to where they were made', () => {
    expect(placeOf(cursorAt(place))).toEqual(place);
  });

  it.each([
    '',
    'nonsense',
    made(null),
    made({ sort: 'name', value: 'x' }),
    made(['name']),
    made(['name', { $gt: '' }]),
    made(['weight', 'x']),
    made(['name', 'x', 'more']),
    made(['name', '\ud800']),
    cursorAt({ sort: 'constructor' as ProductSort, value: 'x' }),
    `${cursorAt(place)}=`,
    ` ${cursorAt(place)}`,
  ])('are not taken from anybody else: %j', (cursor) => {
    expect(placeOf(cursor)).toBeUndefined();
  });
});
