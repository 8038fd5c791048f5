import { describe, expect, it } from '@jest/globals';
import { Aggregate, Event, Handle, event, memory, runInMessageContext, currentMessage } from '@gesta/core';
import { Injectable, Module } from '@nestjs/common';
import { CommandBus, CqrsModule, EventBus, EventsHandler, Saga, ofType } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import { map, type Observable } from 'rxjs';
import { until } from '../../../core/test/until.js';
import { GestaModule } from '../module/gesta.module.js';

class Line {
  readonly sku!: string;
}
@Event('shop.placed')
class Placed {
  @Type(() => Line) readonly lines!: Line[];
}
class Place {
  constructor(
    readonly orderId: string,
    readonly skus: readonly string[],
  ) {}
}
@Aggregate({ category: 'shop.order', id: 'orderId', events: [Placed] })
class Order {
  @Handle(Place)
  place({ skus }: Place) {
    if (skus.length === 0) return [];
    return event(Placed, { lines: skus.map((sku) => ({ sku }) as Line) });
  }
}

type Parts = NonNullable<Parameters<typeof Module>[0]>;

async function running({ imports = [], providers = [] }: Parts) {
  @Module({
    imports: [...imports, GestaModule.forRoot({ adapters: [memory()] }), GestaModule.forFeature([Order])],
    providers,
  })
  class AppModule {}
  const app = (await Test.createTestingModule({ imports: [AppModule] }).compile()).createNestApplication({
    logger: false,
  });
  return app.init();
}

describe('appended events', () => {
  it('reach event handlers as instances of their classes', async () => {
    const handled: Placed[] = [];
    @EventsHandler(Placed)
    class PlacedHandler {
      handle(placed: Placed) {
        handled.push(placed);
      }
    }
    const app = await running({ providers: [PlacedHandler] });
    await app.get(CommandBus).execute(new Place('1', ['a', 'b']));
    expect(handled).toHaveLength(1);
    expect(handled[0]).toBeInstanceOf(Placed);
    expect(handled[0]!.lines).toEqual([{ sku: 'a' }, { sku: 'b' }]);
    expect(handled[0]!.lines.every((line) => line instanceof Line)).toBe(true);
    await app.close();
  });

  it('reach nobody when nothing was appended, or when the command was known already', async () => {
    const app = await running({});
    const published: object[] = [];
    app.get(EventBus).subscribe((placed) => published.push(placed));
    const commands = app.get(CommandBus);

    await commands.execute(new Place('1', []));
    const place = () => runInMessageContext({ commandId: 'c1' }, () => commands.execute(new Place('1', ['a'])));
    await place();
    await place();
    expect(published).toHaveLength(1);
    await app.close();
  });

  it('do not hurt the command when a handler throws', async () => {
    @EventsHandler(Placed)
    class Throwing {
      handle() {
        throw new Error('at once');
      }
    }
    @EventsHandler(Placed)
    class Rejecting {
      async handle() {
        throw new Error('later');
      }
    }
    const app = await running({ providers: [Throwing, Rejecting] });
    expect(await app.get(CommandBus).execute(new Place('1', ['a']))).toMatchObject({ revision: 0 });
    await app.close();
  });

  it('do not hurt the command when the publisher fails', async () => {
    const app = await running({});
    app.get(EventBus).publisher = { publish: () => Promise.reject(new Error('no broker')) };
    expect(await app.get(CommandBus).execute(new Place('1', ['a']))).toMatchObject({ revision: 0 });
    app.get(EventBus).publisher = {
      publish: () => {
        throw new Error('no broker at all');
      },
    };
    expect(await app.get(CommandBus).execute(new Place('1', ['a']))).toMatchObject({ revision: 1 });
    await app.close();
  });

  it('carry the correlation of their command to what their handlers do, but not its id', async () => {
    const contexts: unknown[] = [];
    @EventsHandler(Placed)
    class PlacedHandler {
      handle() {
        contexts.push({ ...currentMessage() });
      }
    }
    const app = await running({ providers: [PlacedHandler] });
    await runInMessageContext({ commandId: 'c1', headers: { correlationId: 'r1', userId: 'u1' } }, () =>
      app.get(CommandBus).execute(new Place('1', ['a'])),
    );
    expect(contexts).toEqual([
      expect.objectContaining({ headers: { correlationId: 'r1', userId: 'u1', causationId: 'c1' } }),
    ]);
    expect(contexts[0]).not.toHaveProperty('commandId');
    await app.close();
  });

  it('reach the listeners and sagas of an application that has its own CqrsModule.forRoot()', async () => {
    const heard: string[] = [];
    @Injectable()
    class Listener {
      constructor(readonly bus: EventBus) {
        bus.subscribe(() => heard.push('listener'));
      }

      @Saga()
      placed = (events: Observable<object>) =>
        events.pipe(
          ofType(Placed),
          map(({ lines }) => new Place('2', lines.length > 1 ? ['gift'] : [])),
        );
    }
    @EventsHandler(Placed)
    class PlacedHandler {
      handle() {
        heard.push('handler');
      }
    }
    @Module({ providers: [Listener, PlacedHandler] })
    class ListeningModule {}
    const app = await running({ imports: [CqrsModule.forRoot(), ListeningModule] });

    await app.get(CommandBus).execute(new Place('1', ['a', 'b']));
    await until('everybody heard of both', () => heard.length >= 4);
    expect(heard.sort()).toEqual(['handler', 'handler', 'listener', 'listener']);
    await app.close();
  });
});
