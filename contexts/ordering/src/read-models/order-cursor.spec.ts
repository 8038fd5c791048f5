import { describe, expect, it } from '@jest/globals';
import { cursorAfter, positionOf } from './order-cursor.js';

const position = '00000000000000000042';

describe('order cursors', () => {
  it('lead back to where they were made', () => {
    expect(positionOf(cursorAfter(position))).toBe(position);
  });

  it.each([
    '',
    'nonsense',
    position,
    cursorAfter('42'),
    cursorAfter('{"$gt":""}'),
    `${cursorAfter(position)}=`,
    ` ${cursorAfter(position)}`,
    cursorAfter(`${position}\n`),
  ])('are not taken from anybody else: %j', (cursor) => {
    expect(positionOf(cursor)).toBeUndefined();
  });
});
