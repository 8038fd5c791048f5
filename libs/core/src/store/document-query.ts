import { Context } from 'mingo/core';
import { $and, $nor, $not, $or } from 'mingo/operators/query/logical';
import { Query } from 'mingo/query';
import type { QueryOperator } from 'mingo/types';
import type { JsonObject } from '../events/json.js';
import type { Filter } from './document-store.js';
import { explicitFilter } from './query/explicit-filter.js';
import { fieldOperators } from './query/field-operators.js';

/** What mingo may use: its combinators, and the operators under a field as MongoDB means them. Nothing else. */
const context = Context.init({
  query: { $and, $or, $nor, $not, ...(fieldOperators as Record<string, QueryOperator>) },
});

/**
 * What tells whether a document's body matches, in MongoDB's sense of it. It is MongoDB's also in the corners: an
 * equality is met by one element of an array, null by a missing field, a range only by values of its own type, and
 * strings are compared by code points. Regular expressions are JavaScript's with its flag `u`, and run on an engine that
 * does not backtrack.
 *
 * @param filter later changes to it have no effect
 * @throws {UnsupportedOperator | TypeError | RangeError} see {@link explicitFilter}; `InvalidPattern` is a `RangeError`
 */
export function compileFilter(filter: Filter): (body: JsonObject) => boolean {
  const query = new Query(explicitFilter(filter), { context });
  return (body) => query.test(body);
}
