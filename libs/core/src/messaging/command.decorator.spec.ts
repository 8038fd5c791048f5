import { describe, expect, it } from '@jest/globals';
import { DefinitionError } from '../events/definition-error.js';
import { Event } from '../events/event.decorator.js';
import { Command, commandCategory, contextOf, isTravellingCommand } from './command.decorator.js';

@Command('inventory.reserve-stock')
class ReserveStock {}
@Event('inventory.stock-reserved')
class StockReserved {}
class Local {}
class Special extends ReserveStock {}

describe('@Command', () => {
  it('tells a command that travels from what does not', () => {
    expect([ReserveStock, StockReserved, Local, Special].map(isTravellingCommand)).toEqual([true, false, false, false]);
  });

  it('names the context that handles it, and the category that it travels in', () => {
    expect(contextOf('inventory.reserve-stock')).toBe('inventory');
    expect(commandCategory('inventory.reserve-stock')).toBe('inventory.command');
  });

  it.each(['order-service.place-order', 'place-order'])(
    'refuses %s, whose context could not name a category',
    (name) => {
      class PlaceOrder {}
      expect(() => Command(name)(PlaceOrder)).toThrow(DefinitionError);
    },
  );
});
