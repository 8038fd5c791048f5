import { EventEmitter, once } from 'node:events';
import { describe, expect, it, jest } from '@jest/globals';
import {
  Aggregate,
  Command,
  Event,
  Gesta,
  Handle,
  MemoryDocumentStore,
  MemoryEventStore,
  Project,
  Projection,
  Reactor,
  ReadModel,
  When,
  event,
  memory,
  type CommandResult,
  type EventStore,
  type StoreAdapter,
} from '@gesta/core';
import {
  Body,
  Controller,
  Global,
  Injectable,
  Module,
  Post,
  Scope,
  type INestApplication,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import {
  CommandBus,
  CommandHandler,
  CqrsModule,
  EventsHandler,
  QueryBus,
  QueryHandler,
  type IEventHandler,
} from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { until } from '../../../core/test/until.js';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from './gesta.module.js';
import { EVENT_STORE, InjectReadModel } from './inject.decorators.js';

@Event('bell.rung')
class Rung {
  readonly by!: string;
}
class Ring {
  constructor(
    readonly id: string,
    readonly by: string,
  ) {}
}
@Aggregate({ category: 'bell.bell', id: 'id', events: [Rung] })
class Bell {
  @Handle(Ring)
  ring({ by }: Ring) {
    return event(Rung, { by });
  }
}

/** A store that outlives the applications that use it, as a database does. */
function lastingStore() {
  const now = () => new Date();
  const events = new MemoryEventStore({ now });
  const documents = new MemoryDocumentStore();
  const closed: string[] = [];
  const kept = <T extends { close(): Promise<void> }>(store: T, name: string): T =>
    new Proxy(store, {
      get(target, field) {
        if (field === 'close') return async () => closed.push(name);
        const value: unknown = Reflect.get(target, field, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const adapter: StoreAdapter = {
    scheme: 'lasting',
    example: 'lasting:',
    openEventStore: async () => kept(events, 'events'),
    openDocumentStore: async () => kept(documents, 'documents'),
  };
  return { root: () => GestaModule.forRoot({ adapters: [adapter], events: 'lasting:' }), closed };
}

type Parts = NonNullable<Parameters<typeof Module>[0]>;

async function appOf(parts: Parts, adapter = PLATFORMS[0].adapter): Promise<INestApplication> {
  @Module(parts)
  class AppModule {}
  const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
  return compiled.createNestApplication(await adapter(), { logger: false });
}

describe('readers of the log', () => {
  it('start once command handlers are bound, wherever CqrsModule is imported and however long others take to start', async () => {
    @Command('bell.ring-again')
    class RingAgain {
      readonly by!: string;
    }
    const executed: RingAgain[] = [];
    @CommandHandler(RingAgain)
    class RingAgainHandler {
      async execute(command: RingAgain) {
        executed.push(command);
      }
    }
    @Module({ imports: [CqrsModule], providers: [RingAgainHandler] })
    class DeepestModule {}
    // Nest starts global modules first: command handlers are not bound until this one is done.
    @Global()
    @Module({})
    class SlowModule implements OnApplicationBootstrap {
      async onApplicationBootstrap() {
        for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      }
    }
    @Module({ imports: [DeepestModule] })
    class DeeperModule {}
    const store = lastingStore();

    // The command waits in the log when the application starts.
    const sender = await appOf({ imports: [store.root()] });
    const events = sender.get<EventStore>(EVENT_STORE);
    const command = { id: crypto.randomUUID(), type: 'bell.ring-again', version: 1, headers: {}, data: { by: 'x' } };
    await events.append('bell.command-1', [command], { expected: 'any' });

    const app = await appOf({ imports: [store.root(), SlowModule, DeeperModule] });
    const execute = jest.spyOn(app.get(CommandBus), 'execute');
    await app.init();
    await until('the command was executed', () => executed.length > 0);
    expect(executed).toEqual([{ by: 'x' }]);
    expect(execute.mock.results).toEqual([{ type: 'return', value: expect.any(Promise) }]);
    const statuses = await app.get(Gesta).status();
    expect(statuses).toEqual([expect.objectContaining({ reader: 'commands.bell', error: undefined, parked: 0 })]);
    await app.close();
    await sender.close();
  });
});

describe('a shutdown', () => {
  it('finishes the batch in hand before other providers let go of what it uses, then closes the stores', async () => {
    const gate = new EventEmitter();
    const log: string[] = [];
    const store = lastingStore();
    @Reactor({ name: 'echo', startFrom: 'beginning' })
    class Echo implements OnApplicationShutdown {
      @When(Rung)
      async rung({ by }: Rung) {
        log.push(`begins with ${by}`);
        gate.emit('begun');
        await once(gate, 'go');
        log.push(`done with ${by}`);
      }
      onApplicationShutdown() {
        log.push('lets go');
      }
    }
    const parts = { imports: [store.root(), GestaModule.forFeature([Bell])], providers: [Echo] };
    const app = await appOf(parts);
    await app.init();
    const begun = once(gate, 'begun');
    await app.get(CommandBus).execute(new Ring('1', 'a'));
    await begun;

    const closing = app.close();
    await new Promise((resolve) => setImmediate(resolve));
    expect(store.closed).toEqual([]);
    gate.emit('go');
    await closing;
    expect(log).toEqual(['begins with a', 'done with a', 'lets go']);
    expect(store.closed).toEqual(['events', 'documents']);

    // What was done is noted: the next application does not do it again.
    const next = await appOf(parts);
    await next.init();
    await until('it has read everything', async () =>
      (await next.get(Gesta).status()).every(({ caughtUp }) => caughtUp),
    );
    expect(log).toHaveLength(3);
    await next.close();
  });

  it.each(PLATFORMS)(
    'on $platform answers the requests in hand, also those that wait for a read model',
    async ({ adapter }) => {
      const gate = new EventEmitter();
      let held = true;
      @Projection({ name: 'rings' })
      class Rings {
        @Project(Rung)
        rung({ by }: Rung) {
          return { by };
        }
      }
      @Controller('rings')
      class RingController {
        constructor(
          private readonly commands: CommandBus,
          @InjectReadModel(Rings) private readonly rings: ReadModel<{ by: string }>,
        ) {}

        @Post()
        async ring(@Body() { by }: { by: string }) {
          gate.emit('asked');
          if (held) await once(gate, 'go');
          const { position } = await this.commands.execute<Ring, CommandResult>(new Ring('1', by));
          await this.rings.waitFor(position);
          return this.rings.findById('1');
        }
      }
      const store = lastingStore();
      const parts = {
        imports: [store.root(), GestaModule.forFeature([Bell])],
        providers: [Rings],
        controllers: [RingController],
      };
      const app = await appOf(parts, adapter);
      await app.listen(0, '127.0.0.1');
      const url = `${await app.getUrl()}/rings`;
      const ask = () =>
        fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"by":"a"}' });

      const asked = once(gate, 'asked');
      const answering = ask();
      await asked;
      const began = Date.now();
      const closing = app.close();
      await until('it takes no more requests', async () =>
        ask().then(
          () => false,
          () => true,
        ),
      );
      held = false;
      gate.emit('go');
      const answer = await answering;
      expect(answer.status).toBe(201);
      expect(await answer.json()).toEqual({ by: 'a' });
      await closing;
      expect(Date.now() - began).toBeLessThan(4_500);
    },
  );

  it('waits for commands that came by no request, before the stores are closed', async () => {
    const gate = new EventEmitter();
    const log: string[] = [];
    class RingLate {}
    @CommandHandler(RingLate)
    class RingLateHandler {
      constructor(private readonly commands: CommandBus) {}
      async execute() {
        gate.emit('begun');
        await once(gate, 'go');
        await this.commands.execute(new Ring('1', 'late'));
        log.push('rung');
      }
    }
    const store = lastingStore();
    for (const imports of [[], [CqrsModule.forRoot()]]) {
      const app = await appOf({
        imports: [...imports, store.root(), GestaModule.forFeature([Bell])],
        providers: [
          {
            provide: RingLateHandler,
            useFactory: (commands: CommandBus) => new RingLateHandler(commands),
            inject: [CommandBus],
          },
        ],
      });
      await app.init();
      const begun = once(gate, 'begun');
      const ringing = app.get(CommandBus, { strict: false }).execute(new RingLate());
      await begun;
      const closing = app.close().then(() => log.push('closed'));
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(log.splice(0)).toEqual([]);
      gate.emit('go');
      await Promise.all([ringing, closing]);
      expect(log.splice(0)).toEqual(['rung', 'closed']);
    }
  });

  it.each([
    ['one that lives as long as the application', Scope.DEFAULT],
    ['one that is made for each event', Scope.REQUEST],
  ])('waits for @EventsHandlers and @QueryHandlers that are at work, %s', async (_which, scope) => {
    const gate = new EventEmitter();
    const log: string[] = [];
    class RingsOf {}
    @Injectable({ scope })
    @EventsHandler(Rung)
    class Listener implements IEventHandler<Rung> {
      readonly #heard = 'heard';
      async handle() {
        gate.emit('listens');
        await once(gate, 'go');
        log.push(this.#heard);
      }
    }
    @QueryHandler(RingsOf)
    class RingsOfHandler {
      async execute() {
        await once(gate, 'go');
        log.push('answered');
      }
    }
    const store = lastingStore();
    for (const imports of [[], [CqrsModule.forRoot()]]) {
      const app = await appOf({
        imports: [...imports, store.root(), GestaModule.forFeature([Bell])],
        providers: [Listener, RingsOfHandler],
      });
      await app.init();
      const listens = once(gate, 'listens');
      await app.get(CommandBus, { strict: false }).execute(new Ring('1', 'a'));
      await listens;
      const asked = app.get(QueryBus, { strict: false }).execute(new RingsOf());
      store.closed.length = 0;
      const closing = app.close().then(() => log.push('closed'));
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect(log.splice(0)).toEqual([]);
      expect(store.closed).toEqual([]);
      gate.emit('go');
      await Promise.all([asked, closing]);
      const ended = log.splice(0);
      expect(ended.at(-1)).toBe('closed');
      expect(ended.toSorted()).toEqual(['answered', 'closed', 'heard']);
    }
  });

  it('does not wait for listeners without end', async () => {
    const gate = new EventEmitter();
    @EventsHandler(Rung)
    class ForEver {
      handle() {
        gate.emit('listens');
        return new Promise<void>(() => undefined);
      }
    }
    const root = GestaModule.forRoot({ adapters: [memory()], drainMs: 20 });
    const app = await appOf({ imports: [root, GestaModule.forFeature([Bell])], providers: [ForEver] });
    await app.init();
    const listens = once(gate, 'listens');
    await app.get(CommandBus).execute(new Ring('1', 'a'));
    await listens;
    await app.close();
  });

  it('closes what was opened where another provider cannot start, once the application is closed', async () => {
    @Injectable()
    class Broken implements OnApplicationBootstrap {
      onApplicationBootstrap() {
        throw new Error('cannot start');
      }
    }
    const store = lastingStore();
    const app = await appOf({ imports: [store.root(), GestaModule.forFeature([Bell])], providers: [Broken] });
    await expect(app.init()).rejects.toThrow('cannot start');
    await app.close();
    expect(store.closed).toEqual(['events', 'documents']);
  });

  it('does not wait for commands without end', async () => {
    class RingForEver {}
    @CommandHandler(RingForEver)
    class RingForEverHandler {
      execute() {
        return new Promise<void>(() => undefined);
      }
    }
    const root = GestaModule.forRoot({ adapters: [memory()], drainMs: 20 });
    const app = await appOf({ imports: [root], providers: [RingForEverHandler] });
    await app.init();
    void app.get(CommandBus).execute(new RingForEver());
    await app.close();
  });

  it('comes by itself where the start fails, as nobody may have the application to close', async () => {
    @Injectable({ scope: Scope.REQUEST })
    @Reactor({ name: 'nobody', startFrom: 'beginning' })
    class Nobody {
      @When(Rung)
      async rung() {}
    }
    const store = lastingStore();
    const app = await appOf({ imports: [store.root(), GestaModule.forFeature([Bell])], providers: [Nobody] });
    await expect(app.init()).rejects.toThrow('Nobody has no instance that lives as long as the application');
    expect(store.closed).toEqual(['events', 'documents']);
    await app.close();
    expect(store.closed).toEqual(['events', 'documents']);
  });

  it.each(PLATFORMS)('on $platform does not wait for requests without end', async ({ adapter }) => {
    const gate = new EventEmitter();
    @Controller('rings')
    class RingController {
      @Post()
      async ring() {
        gate.emit('asked');
        await new Promise(() => undefined);
      }
    }
    const root = GestaModule.forRoot({ adapters: [memory()], drainMs: 50 });
    const app = await appOf({ imports: [root], controllers: [RingController] }, adapter);
    await app.listen(0, '127.0.0.1');
    const asked = once(gate, 'asked');
    const answer = fetch(`${await app.getUrl()}/rings`, { method: 'POST' }).catch(() => 'cut off');
    await asked;
    await app.close();
    expect(await answer).toBe('cut off');
  });

  it('does not wait for ever for stores that do not close', async () => {
    const events = new MemoryEventStore({ now: () => new Date() });
    const asked = jest.fn();
    events.close = () => {
      asked();
      return new Promise(() => undefined);
    };
    const adapter: StoreAdapter = {
      scheme: 'endless',
      example: 'endless:',
      openEventStore: async () => events,
      openDocumentStore: async () => new MemoryDocumentStore(),
    };
    const app = await appOf({
      imports: [GestaModule.forRoot({ adapters: [adapter], events: 'endless:', closeMs: 20 })],
    });
    await app.init();
    await app.close();
    expect(asked).toHaveBeenCalledTimes(1);
  });
});
