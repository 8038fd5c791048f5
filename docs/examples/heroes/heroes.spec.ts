import { memory } from '@gesta/core';
import { GestaModule } from '@gesta/nestjs';
import { describe, expect, it } from '@jest/globals';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { Bard, HeroesModule, KillDragon } from './heroes.module.js';

describe('heroes', () => {
  it('are remembered by what they did, and sung of once', async () => {
    const gesta = GestaModule.forRoot({ adapters: [memory()], events: 'memory:', documents: 'memory:' });
    const app = await (await Test.createTestingModule({ imports: [gesta, HeroesModule] }).compile()).init();
    try {
      const commands = app.get(CommandBus);
      const { revision } = await commands.execute(new KillDragon('siegfried', 'fafnir'));
      expect(revision).toBe(0);
      expect((await commands.execute(new KillDragon('siegfried', 'fafnir'))).revision).toBe(0);
      expect(app.get(Bard, { strict: false }).songs).toEqual(['siegfried has slain fafnir']);
    } finally {
      await app.close();
    }
  });
});
