import { AggregateRoot } from '@nestjs/cqrs';

export class HeroKilledDragon {
  constructor(
    readonly heroId: string,
    readonly dragonId: string,
  ) {}
}

export class Hero extends AggregateRoot {
  private readonly killed: string[] = [];

  constructor(private readonly id: string) {
    super();
  }

  kill(dragonId: string) {
    if (!this.killed.includes(dragonId)) this.apply(new HeroKilledDragon(this.id, dragonId));
  }

  onHeroKilledDragon({ dragonId }: HeroKilledDragon) {
    this.killed.push(dragonId);
  }
}
