import { memory } from '@gesta/core';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationProblem } from './configuration-problem.js';
import { checkedConfig } from './load-config.js';

const problemsOf = (exported: unknown) => {
  try {
    checkedConfig(exported, 'gesta.config.js');
  } catch (error) {
    if (error instanceof ConfigurationProblem) return error.problems;
    throw error;
  }
  return [];
};

describe('a configuration', () => {
  it('needs adapters and nothing else', () => {
    expect(problemsOf({ adapters: [memory()] })).toEqual([]);
    expect(problemsOf({ adapters: [memory()], projections: [Map], events: undefined })).toEqual([]);
  });

  it('is refused with everything that is wrong with it', () => {
    expect(problemsOf({ adapters: [], projection: [], projections: ['orders'], events: 3, leaseMs: 0 })).toEqual([
      'there is no field `projection`; there are: adapters, events, documents, aggregates, projections, processes, reactors, unknownEvents, leaseMs',
      '`projections` has to be an array of classes',
      '`events` has to be a text',
      '`leaseMs` has to be a number above 0',
      '`adapters` names no store: write `adapters: [sqlite()]`, with sqlite() of @gesta/sqlite',
    ]);
  });

  it.each([undefined, null, [], 'sqlite:'])('is an object, not %p', (exported) => {
    expect(problemsOf(exported)).toEqual(['it has to `export default defineConfig({ … })`']);
  });
});
