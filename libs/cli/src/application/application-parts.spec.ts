import { describe, expect, it } from '@jest/globals';
import { aggregateDefinition } from '@gesta/core';
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

  it('are listed by definitions and by instances too', () => {
    const till = aggregateDefinition<object>(Till);
    const { aggregates, projections, reactors } = partsOf(
      { adapters: [], aggregates: [till], projections: [new Takings()], reactors: [Object.create(Receipts.prototype)] },
      'gesta.config.js',
    );
    expect(aggregates).toEqual([till]);
    expect(projections.map(({ projectionClass, definition }) => [projectionClass, definition.name])).toEqual([
      [Takings, 'takings'],
    ]);
    expect(reactors.map(({ name }) => name)).toEqual(['receipts']);
  });

  it('say what to list where they cannot be made', () => {
    class Needy {
      constructor({ rate }: { rate: number }) {
        this.rate = rate;
      }
      readonly rate: number;
    }
    expect(() => partsOf({ adapters: [], projections: [Needy], aggregates: [{} as never] }, 'gesta.config.js')).toThrow(
      /Object is listed as an aggregate by an instance: list its class[^]*Needy cannot be made without arguments \(.*\): list an instance of it/,
    );
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
