import type { Repository } from '@gesta/core';
import { eventSourced, GestaModule, InjectRepository } from '@gesta/nestjs';
import { Module } from '@nestjs/common';
import { CommandHandler, EventsHandler } from '@nestjs/cqrs';
import { Hero, HeroKilledDragon } from './hero.js';

export class KillDragon {
  constructor(
    readonly heroId: string,
    readonly dragonId: string,
  ) {}
}

@CommandHandler(KillDragon)
export class KillDragonHandler {
  constructor(@InjectRepository(Hero) private readonly heroes: Repository<Hero>) {}

  execute({ heroId, dragonId }: KillDragon) {
    return this.heroes.transact(heroId, (hero) => hero.kill(dragonId));
  }
}

@EventsHandler(HeroKilledDragon)
export class Bard {
  readonly songs: string[] = [];

  handle({ heroId, dragonId }: HeroKilledDragon) {
    this.songs.push(`${heroId} has slain ${dragonId}`);
  }
}

const heroes = eventSourced(Hero, {
  category: 'heroes.hero',
  create: (id) => new Hero(id),
  events: { 'heroes.killed-dragon': HeroKilledDragon },
});

@Module({ imports: [GestaModule.forFeature([heroes])], providers: [KillDragonHandler, Bard] })
export class HeroesModule {}
