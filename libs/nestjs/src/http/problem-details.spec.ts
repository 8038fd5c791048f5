import { describe, expect, it } from '@jest/globals';
import { compileFilter } from '@gesta/core';
import { problemOf } from './problem-details.js';

describe('A pattern from a search box', () => {
  it.each([
    ['(', 'Invalid regular expression'],
    ['(?=a)', 'a look-ahead'],
    ['(a)\\1', 'a back-reference'],
    ['((a{99}){99}){99}', 'too large'],
  ])('that cannot be run is a 400 that says why: %s', ($regex, why) => {
    let error: unknown;
    try {
      compileFilter({ customer: { $regex } });
    } catch (refusal) {
      error = refusal;
    }
    expect(problemOf(error, '/orders').details).toMatchObject({
      type: 'urn:gesta:problem:invalid-pattern',
      status: 400,
      detail: expect.stringContaining(why),
    });
  });
});
