import { describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Event,
  Handle,
  ProcessManager,
  Project,
  Projection,
  Reactor,
  ReadModel,
  Repository,
  When,
  event,
  memory,
} from '@gesta/core';
import { Injectable, Module, Scope } from '@nestjs/common';
import { CommandHandler, CqrsModule } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { GestaModule } from './gesta.module.js';
import { InjectReadModel, InjectRepository } from './inject.decorators.js';

@Event('things.happened')
class Happened {
  readonly what!: string;
}

class Happen {
  constructor(readonly id: string) {}
}

@Aggregate({ category: 'things.thing', id: 'id', events: [Happened] })
class Thing {
  @Handle(Happen)
  happen({ id }: Happen) {
    return event(Happened, { what: id });
  }
}

@Projection({ name: 'happenings' })
class Happenings {
  @Project(Happened)
  happened(happened: Happened) {
    return { ...happened };
  }
}

type Parts = Pick<NonNullable<Parameters<typeof Module>[0]>, 'imports' | 'providers'>;

async function startOf({ imports = [], providers = [] }: Parts): Promise<void> {
  @Module({ imports: [GestaModule.forRoot({ adapters: [memory()] }), ...imports], providers })
  class AppModule {}
  const app = (await Test.createTestingModule({ imports: [AppModule] }).compile()).createNestApplication({
    logger: false,
  });
  await app.init().finally(() => app.close());
}

describe('an application does not start', () => {
  it('with two handlers for one command, an @Handle method and a @CommandHandler', async () => {
    @CommandHandler(Happen)
    class HappenHandler {
      async execute() {}
    }
    await expect(startOf({ imports: [GestaModule.forFeature([Thing])], providers: [HappenHandler] })).rejects.toThrow(
      'The command Happen has two handlers: @Handle in Thing and the @CommandHandler HappenHandler',
    );
  });

  it('with two @CommandHandlers for one command', async () => {
    @CommandHandler(Happen)
    class OneHandler {
      async execute() {}
    }
    @CommandHandler(Happen)
    class OtherHandler {
      async execute() {}
    }
    await expect(startOf({ providers: [OneHandler, OtherHandler] })).rejects.toThrow(
      'The command Happen has two handlers: the @CommandHandler OneHandler and the @CommandHandler OtherHandler',
    );
  });

  it('with two aggregates that handle one command, or have one category', async () => {
    @Aggregate({ category: 'things.thing', id: 'id', events: [Happened] })
    class OtherThing {
      @Handle(Happen)
      happen({ id }: Happen) {
        return event(Happened, { what: id });
      }
    }
    const starting = startOf({ imports: [GestaModule.forFeature([Thing, OtherThing])] });
    await expect(starting).rejects.toThrow("The aggregates Thing and OtherThing both have the category 'things.thing'");
    await expect(starting).rejects.toThrow(
      'The command Happen has two handlers: @Handle in Thing and @Handle in OtherThing',
    );
  });

  it('with two readers of one name', async () => {
    @Projection({ name: 'happenings' })
    class OtherHappenings {
      @Project(Happened)
      happened(happened: Happened) {
        return { ...happened };
      }
    }
    @ProcessManager({ name: 'follow-up', startFrom: 'beginning' })
    class FollowUp {
      @When(Happened)
      happened() {}
    }
    @ProcessManager({ name: 'follow-up', startFrom: 'beginning' })
    class OtherFollowUp {
      @When(Happened)
      happened() {}
    }
    @Reactor({ name: 'mail', startFrom: 'now' })
    class Mail {
      @When(Happened)
      async happened() {}
    }
    @Reactor({ name: 'mail', startFrom: 'now' })
    class OtherMail {
      @When(Happened)
      async happened() {}
    }
    const starting = startOf({ providers: [Happenings, OtherHappenings, FollowUp, OtherFollowUp, Mail, OtherMail] });
    await expect(starting).rejects.toThrow(
      [
        "The projections Happenings and OtherHappenings are both named 'happenings'",
        "The process managers FollowUp and OtherFollowUp are both named 'follow-up'",
        "The reactors Mail and OtherMail are both named 'mail'",
      ].join('\n'),
    );
  });

  it('when what is injected is not there', async () => {
    @Injectable()
    class Service {
      @InjectReadModel(Happenings) readonly happenings!: ReadModel<object>;
      constructor(@InjectRepository(Thing) readonly things: Repository<Thing>) {}
    }
    const starting = startOf({ providers: [Service] });
    await expect(starting).rejects.toThrow(
      'Service wants the repository of Thing, which is not there: list it in a module: GestaModule.forFeature([Thing])',
    );
    await expect(starting).rejects.toThrow(
      "Service wants the read model of Happenings, which is not there: list the projection among a module's providers",
    );
  });

  it('with two roots', async () => {
    await expect(startOf({ imports: [GestaModule.forRoot({ adapters: [memory()] })] })).rejects.toThrow(
      'GestaModule.forRoot is there twice: import it once, in the root module',
    );
  });

  it('with a CqrsModule.forRoot() that nobody would have the buses of', async () => {
    await expect(startOf({ imports: [CqrsModule.forRoot()] })).rejects.toThrow(
      'CqrsModule.forRoot comes after GestaModule.forRoot: list it before, so that its buses are injected',
    );
  });

  it('when a projection declares what cannot work', async () => {
    @Projection({ name: 'Empty!' })
    class Empty {}
    await expect(startOf({ providers: [Empty] })).rejects.toThrow("Empty: 'Empty!' is no name");
  });

  it('when a reactor is made anew for each request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class PerRequest {}
    @Reactor({ name: 'mail', startFrom: 'now' })
    class Mail {
      constructor(readonly perRequest: PerRequest) {}
      @When(Happened)
      async happened() {}
    }
    await expect(startOf({ providers: [PerRequest, Mail] })).rejects.toThrow(
      'Mail has no instance that lives as long as the application',
    );
  });
});

describe('an application starts', () => {
  it('with a projection that several modules provide', async () => {
    @Module({ providers: [Happenings] })
    class OneModule {}
    @Module({ providers: [Happenings] })
    class OtherModule {}
    await startOf({ imports: [OneModule, OtherModule] });
  });

  it('with what another application of the same process has injected', async () => {
    @Injectable()
    class Service {
      constructor(@InjectRepository(Thing) readonly things: Repository<Thing>) {}
    }
    await startOf({ imports: [GestaModule.forFeature([Thing])], providers: [Service] });
    await startOf({});
  });
});
