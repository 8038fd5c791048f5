import { describe, expect, it } from '@jest/globals';
import { alternate } from './alternate.js';

describe('measuring in turns', () => {
  it('lets each side go first every other time, after a round that does not count', async () => {
    const turns: string[] = [];
    const side = (name: string, values: number[]) => () => {
      turns.push(name);
      return values.shift()!;
    };
    const found = await alternate(3, side('ours', [999, 1, 5, 3]), side('floor', [999, 4, 2, 9]), () => undefined);
    expect(turns).toEqual(['ours', 'floor', 'floor', 'ours', 'ours', 'floor', 'floor', 'ours']);
    expect(found).toEqual({ ours: 3, floor: 4 });
  });

  it('tells how far it is', async () => {
    const told: string[] = [];
    await alternate(
      2,
      () => 1,
      () => 1,
      (text) => told.push(text),
    );
    expect(told).toEqual(['warming up', 'round 1 of 2', 'round 2 of 2']);
  });
});
