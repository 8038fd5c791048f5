import { describe, expect, it } from '@jest/globals';
import { Receipts, Takings, Till } from '../../test/shop.mjs';
import { partsOf } from './application-parts.js';

describe('the parts of an application', () => {
  it('are what its classes declare; reactors are never made', () => {
    const { aggregates, projections, processes, reactors, travelling } = partsOf(
      { adapters: [], aggregates: [Till], projections: [Takings, Takings], reactors: [Receipts] },
      'gesta.config.js',
    );
    expect(aggregates.map(({ category }) => category)).toEqual(['shop.till']);
    expect(projections.map(({ definition }) => definition.name)).toEqual(['takings']);
    expect(reactors.map(({ name }) => name)).toEqual(['receipts']);
    expect([...processes, ...travelling]).toEqual([]);
  });

  it('are refused all at once where they are something else', () => {
    expect(() => partsOf({ adapters: [], aggregates: [Takings], projections: [Till] }, 'gesta.config.js')).toThrow(
      /^gesta\.config\.js:\n- Takings is no aggregate[^]*\n- Till is no projection/,
    );
  });

  it('are refused with a hint where another copy of core declared them', () => {
    class Foreign {}
    Object.defineProperty(Foreign, Symbol('gesta.projection'), { value: { name: 'foreign' } });
    expect(() => partsOf({ adapters: [], projections: [Foreign] }, 'gesta.config.js')).toThrow(
      /with another copy of @gesta\/core than the one of @gesta\/cli/,
    );
  });
});
