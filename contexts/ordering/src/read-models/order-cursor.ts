import { ValidateBy } from 'class-validator';

/** Where a page of orders ends, as clients hand it back: opaque to them. */
export function cursorAfter(placedPosition: string): string {
  return Buffer.from(placedPosition).toString('base64url');
}

/** What {@link cursorAfter} was given; `undefined` for a text that it did not make. */
export function positionOf(cursor: string): string | undefined {
  const position = Buffer.from(cursor, 'base64url').toString();
  return /^\d{20}$/.test(position) && cursorAfter(position) === cursor ? position : undefined;
}

/** The field is a cursor that an earlier page gave. */
export function IsOrderCursor(): PropertyDecorator {
  return ValidateBy({
    name: 'isOrderCursor',
    validator: {
      validate: (cursor) => typeof cursor === 'string' && positionOf(cursor) !== undefined,
      defaultMessage: () => '$property must be the `next` of an earlier page',
    },
  });
}
