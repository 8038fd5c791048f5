import { isString, ValidateBy, type ValidationArguments } from 'class-validator';
import { askedWords, isAsked, sortOf, type ProductSelection } from '../read-models/list-products.query.js';
import { placeOf } from '../read-models/product-cursor.js';

/** The longest search, in characters, and in words. */
const MAX_SEARCH = 100;
const MAX_SEARCH_WORDS = 10;

type Rule = (value: unknown, selection: ProductSelection) => boolean;

function rule(name: string, holds: Rule, message: string): PropertyDecorator {
  const validate = (value: unknown, args?: ValidationArguments) => holds(value, args?.object as ProductSelection);
  return ValidateBy({ name, validator: { validate, defaultMessage: () => message } });
}

/** The field is what somebody searches for. */
export function IsSearch(): PropertyDecorator {
  return rule(
    'isSearch',
    (q) => isString(q) && q.length <= MAX_SEARCH && askedWords(q).length <= MAX_SEARCH_WORDS,
    `$property must be a text of at most ${MAX_SEARCH} characters and ${MAX_SEARCH_WORDS} words`,
  );
}

/** The field is a price, and not less than the least that is asked for. */
export function IsNotBelowMinPrice(): PropertyDecorator {
  return rule(
    'isNotBelowMinPrice',
    (maxPrice, { minPrice }) => !(Number(maxPrice) < Number(minPrice ?? 0)),
    '$property must not be less than minPrice',
  );
}

/** The field is a sort for which everything is there. */
export function NeedsSearchForRelevance(): PropertyDecorator {
  return rule(
    'needsSearchForRelevance',
    (sort, { q }) => sort !== 'relevance' || (isString(q) && isAsked(q)),
    '$property can be relevance only where q says to what',
  );
}

/** The field is a cursor that an earlier page of a list in this order gave. */
export function IsCursorOfThisList(): PropertyDecorator {
  return rule(
    'isCursorOfThisList',
    (cursor, { q, sort }) =>
      isString(cursor) && placeOf(cursor)?.sort === sortOf({ sort, q: isString(q) ? q : undefined }),
    '$property must be the `next` of an earlier page of the same list',
  );
}
