import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { DefinitionError, DomainError, Event, Repository, event, memory } from '@gesta/core';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { AggregateRoot, CommandBus, CommandHandler, EventsHandler } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import { GestaModule } from '../module/gesta.module.js';
import { InjectRepository } from '../module/inject.decorators.js';
import { repositoryToken } from '../module/injection-tokens.js';
import { eventSourced } from './event-sourced.js';

// As they are in an application that uses @nestjs/cqrs: nothing here knows of Gesta.
class HeroKilledDragon {
  constructor(
    readonly heroId: string,
    readonly dragonId: string,
  ) {}
}
class HeroFoundItem {
  constructor(readonly itemId: string) {}
}
class HeroRested {
  @Type(() => Date) readonly until: Date;
  constructor(until: Date) {
    this.until = until;
  }
}
class HeroDied {}

class Hero extends AggregateRoot {
  readonly killed: string[] = [];
  readonly items: string[] = [];
  restsUntil: number | undefined;

  constructor(private readonly id: string) {
    super();
  }

  killEnemy(dragonId: string) {
    if (this.killed.includes(dragonId)) throw new AlreadyDead(`${dragonId} is dead`);
    this.apply(new HeroKilledDragon(this.id, dragonId));
    if (this.killed.length === 2) this.apply(new HeroFoundItem('sword'));
  }

  rest(until: Date) {
    this.apply(new HeroRested(until));
  }

  die() {
    this.apply(new HeroDied());
  }

  killAndCommit(dragonId: string) {
    this.killEnemy(dragonId);
    this.commit();
  }

  onHeroKilledDragon({ dragonId }: HeroKilledDragon) {
    this.killed.push(dragonId);
  }

  onHeroFoundItem({ itemId }: HeroFoundItem) {
    this.items.push(itemId);
  }

  onHeroRested({ until }: HeroRested) {
    this.restsUntil = until.getTime();
  }
}

class AlreadyDead extends DomainError {}

class KillDragon {
  constructor(
    readonly heroId: string,
    readonly dragonId: string,
  ) {}
}

@CommandHandler(KillDragon)
class KillDragonHandler {
  constructor(@InjectRepository(Hero) private readonly heroes: Repository<Hero>) {}

  execute({ heroId, dragonId }: KillDragon) {
    return this.heroes.transact(heroId, (hero) => hero.killEnemy(dragonId));
  }
}

const published: object[] = [];
@EventsHandler(HeroKilledDragon, HeroFoundItem)
class Bard {
  handle(event: object) {
    published.push(event);
  }
}

const heroes = eventSourced(Hero, {
  category: 'heroes.hero',
  create: (id) => new Hero(id),
  events: {
    'heroes.killed-dragon': HeroKilledDragon,
    'heroes.found-item': HeroFoundItem,
    'heroes.rested': HeroRested,
  },
});

@Module({ imports: [GestaModule.forFeature([heroes])], providers: [KillDragonHandler, Bard] })
class HeroesModule {}

describe.each([
  { cacheSize: 0, from: 'history' },
  { cacheSize: 10, from: 'memory' },
])('an AggregateRoot of @nestjs/cqrs, taken from $from', ({ cacheSize }) => {
  let app: INestApplicationContext;
  let repository: Repository<Hero>;

  beforeAll(async () => {
    published.length = 0;
    const imports = [GestaModule.forRoot({ adapters: [memory()], cacheSize }), HeroesModule];
    app = await (await Test.createTestingModule({ imports }).compile()).init();
    repository = app.get(repositoryToken(Hero));
  });
  afterAll(() => app.close());

  it('is event-sourced as it is', async () => {
    await app.get(CommandBus).execute(new KillDragon('h1', 'd1'));
    const result: unknown = await app.get(CommandBus).execute(new KillDragon('h1', 'd2'));
    expect(result).toMatchObject({ streamId: 'heroes.hero-h1', revision: 2 });

    const { aggregate } = await repository.load('h1');
    expect(aggregate).toBeInstanceOf(Hero);
    expect(aggregate.killed).toEqual(['d1', 'd2']);
    expect(aggregate.items).toEqual(['sword']);
    expect(aggregate.getUncommittedEvents()).toEqual([]);
  });

  it('has its events on the event bus once they are durable', () => {
    expect(published).toEqual([
      new HeroKilledDragon('h1', 'd1'),
      new HeroKilledDragon('h1', 'd2'),
      new HeroFoundItem('sword'),
    ]);
  });

  it('refuses in its own words, and nothing of the decision is left', async () => {
    await expect(repository.transact('h1', (hero) => hero.killEnemy('d1'))).rejects.toThrow(AlreadyDead);
    expect(await repository.load('h1')).toMatchObject({ revision: 2 });
  });

  it('sees dates of the past as dates where @Type says so', async () => {
    const until = new Date('2026-11-20T08:00:00Z');
    await repository.transact('h2', (hero) => hero.rest(until));
    expect((await repository.load('h2')).aggregate.restsUntil).toBe(until.getTime());
  });

  it('may not commit within a decision', async () => {
    await expect(repository.transact('h3', (hero) => hero.killAndCommit('d1'))).rejects.toThrow(
      'Hero.commit() has no place in a decision: the repository appends what was applied and then publishes it',
    );
    expect(await repository.load('h3')).toMatchObject({ revision: -1 });
  });

  it('may not publish what it applies by itself', async () => {
    await expect(
      repository.transact('h3', (hero) => {
        hero.autoCommit = true;
        hero.killEnemy('d1');
      }),
    ).rejects.toThrow('Hero.publish() has no place in a decision');
    expect(await repository.load('h3')).toMatchObject({ revision: -1 });
  });

  it('is told which event it applied that nobody named', async () => {
    await expect(repository.transact('h3', (hero) => hero.die())).rejects.toThrow(
      "Hero applied HeroDied, which would not be known again: name it in eventSourced(Hero, { events: { 'context.name': HeroDied } })",
    );
  });

  it('decides without waiting, and returns no events beside those it applies', async () => {
    const later = (async () => undefined) as unknown as () => undefined;
    await expect(repository.transact('h3', later)).rejects.toThrow('a decision is synchronous');
    await expect(repository.transact('h3', () => event(Named, {}))).rejects.toThrow('its decisions return none');
  });
});

@Event('heroes.named')
class Named {}

describe('eventSourced', () => {
  const create = (id: string) => new Hero(id);

  it('takes classes that have their names already', () => {
    expect(
      eventSourced(Hero, { category: 'heroes.other', create, events: [Named] }).registry.find('heroes.named'),
    ).toBeDefined();
    expect(() => eventSourced(Hero, { category: 'heroes.other', create, events: [HeroDied] })).toThrow(DefinitionError);
  });

  it('gives no class a second name', () => {
    const events = { 'heroes.called': Named };
    expect(() => eventSourced(Hero, { category: 'heroes.other', create, events })).toThrow(
      "Named is named 'heroes.named' already and cannot be 'heroes.called' too",
    );
  });

  it('wants the aggregate as it is before its first event', () => {
    const born = eventSourced(Hero, {
      category: 'heroes.other',
      create: (id) => {
        const hero = new Hero(id);
        hero.rest(new Date());
        return hero;
      },
      events: [],
    });
    expect(() => born.create('h1')).toThrow('create makes the aggregate as it is before any event');
  });

  it('is what forFeature asks for when it is given the class alone', () => {
    expect(() => GestaModule.forFeature([Hero])).toThrow(
      'Hero is an AggregateRoot of @nestjs/cqrs: give forFeature eventSourced(Hero, { category, create, events })',
    );
  });
});
