import { Matches } from 'class-validator';

/** What ids of orders, customers and warehouses, and skus, look like: 1 to 64 letters, digits, dots, underscores and dashes, the first a letter or digit. */
export const IDENTIFIER = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The field is an identifier: safe in a URL, a stream's name and a key. */
export function IsIdentifier(): PropertyDecorator {
  return Matches(IDENTIFIER, {
    message: '$property must be 1 to 64 letters, digits, dots, underscores or dashes and begin with a letter or digit',
  });
}
