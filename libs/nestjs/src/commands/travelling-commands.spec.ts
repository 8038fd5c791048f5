import { describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Apply,
  Command,
  DomainError,
  Event,
  Handle,
  OnRefused,
  ProcessManager,
  Project,
  Projection,
  ReadModel,
  When,
  complete,
  event,
  memory,
  send,
  type Refusal,
} from '@gesta/core';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { CommandBus, CommandHandler } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import { IsPositive, ValidateNested } from 'class-validator';
import { until } from '../../../core/test/until.js';
import { GestaModule } from '../module/gesta.module.js';
import { readModelToken } from '../module/injection-tokens.js';

class OutOfStock extends DomainError {}

class Item {
  @IsPositive() readonly quantity!: number;
}
@Command('stock.reserve')
class Reserve {
  readonly orderId!: string;
  @ValidateNested() @Type(() => Item) readonly item!: Item;
}
@Event('stock.reserved')
class Reserved {
  readonly orderId!: string;
}
@Aggregate({ category: 'stock.shelf', id: 'orderId', events: [Reserved] })
class Shelf {
  @Handle(Reserve)
  reserve({ orderId, item }: Reserve) {
    if (item.quantity > 10) throw new OutOfStock('There are 10');
    return event(Reserved, { orderId });
  }
}

@Command('mail.tell')
class Tell {
  readonly orderId!: string;
  readonly what!: string;
}
const told: Tell[] = [];
@CommandHandler(Tell)
class TellHandler {
  async execute(tell: Tell) {
    told.push(tell);
  }
}

class Place {
  constructor(
    readonly orderId: string,
    readonly quantity: number,
  ) {}
}
@Event('shop.placed')
class Placed {
  readonly orderId!: string;
  readonly quantity!: number;
}
@Aggregate({ category: 'shop.order', id: 'orderId' })
class Order {
  @Handle(Place)
  place({ orderId, quantity }: Place) {
    return event(Placed, { orderId, quantity });
  }
  @Apply(Placed)
  placed() {}
}

@ProcessManager({ name: 'fulfilment', startFrom: 'beginning' })
class Fulfilment {
  @When(Placed, ({ orderId }) => orderId)
  placed({ orderId, quantity }: Placed) {
    return send(Reserve, { orderId, item: { quantity } });
  }
  @When(Reserved, ({ orderId }) => orderId)
  reserved({ orderId }: Reserved) {
    return [send(Tell, { orderId, what: 'reserved' }), complete()];
  }
  @OnRefused(Reserve)
  refused({ orderId }: Reserve, { name }: Refusal) {
    return [send(Tell, { orderId, what: name }), complete()];
  }
}

@Projection({ name: 'reservations' })
class Reservations {
  @Project(Reserved)
  reserved({ orderId }: Reserved) {
    return { orderId };
  }
}

@Module({
  imports: [GestaModule.forFeature([Order, Shelf])],
  providers: [Fulfilment, Reservations, TellHandler],
})
class ShopModule {}

async function withShop(work: (app: INestApplicationContext) => Promise<void>) {
  const imports = [GestaModule.forRoot({ adapters: [memory()] }), ShopModule];
  const app = (await Test.createTestingModule({ imports }).compile()).createNestApplication({ logger: false });
  await app.init();
  try {
    await work(app);
  } finally {
    await app.close();
  }
}

describe('a command that travels through the log', () => {
  it('reaches an @Handle method, and a @CommandHandler that somebody wrote', () =>
    withShop(async (app) => {
      await app.get(CommandBus).execute(new Place('o1', 3));
      const reservations = app.get<ReadModel<{ orderId: string }>>(readModelToken(Reservations));
      await until('the reservation can be read', async () => (await reservations.findById('o1')) !== undefined);
      await until('the one who asked was told', () => told.some(({ orderId }) => orderId === 'o1'));
      expect(told.at(-1)).toEqual({ orderId: 'o1', what: 'reserved' });
      expect(told.at(-1)).toBeInstanceOf(Tell);
    }));

  it.each([
    { orderId: 'o2', quantity: 11, refusal: 'OutOfStock' },
    { orderId: 'o3', quantity: -1, refusal: 'ValidationFailed' },
  ])('comes back with $refusal', ({ orderId, quantity, refusal }) =>
    withShop(async (app) => {
      await app.get(CommandBus).execute(new Place(orderId, quantity));
      await until('the one who asked was told', () => told.some((tell) => tell.orderId === orderId));
      expect(told.at(-1)).toEqual({ orderId, what: refusal });
    }),
  );
});
