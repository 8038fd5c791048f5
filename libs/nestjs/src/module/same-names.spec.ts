import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Aggregate, Apply, Event, Handle, Repository, event, memory } from '@gesta/core';
import { Module, type INestApplicationContext } from '@nestjs/common';
import { CommandBus, EventsHandler } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { GestaModule } from './gesta.module.js';
import { repositoryToken } from './injection-tokens.js';

/** A context with an aggregate, a command, an event and an event handler that are called as those of any other. */
function context(name: string) {
  class Open {
    constructor(readonly id: string) {}
  }
  @Event(`${name}.opened`)
  class Opened {
    readonly by!: string;
  }
  @Aggregate({ category: `${name}.account`, id: 'id' })
  class Account {
    openedBy: string | undefined;

    @Handle(Open)
    open() {
      return event(Opened, { by: name });
    }

    @Apply(Opened)
    opened({ by }: Opened) {
      this.openedBy = by;
    }
  }
  const seen: object[] = [];
  @EventsHandler(Opened)
  class OpenedHandler {
    handle(opened: object) {
      seen.push(opened);
    }
  }
  @Module({ imports: [GestaModule.forFeature([Account])], providers: [OpenedHandler] })
  class AccountModule {}
  return { Open, Opened, Account, AccountModule, seen };
}

describe('two contexts with classes of the same names', () => {
  const banking = context('banking');
  const library = context('library');
  let app: INestApplicationContext;

  beforeAll(async () => {
    const imports = [GestaModule.forRoot({ adapters: [memory()] }), banking.AccountModule, library.AccountModule];
    app = await (await Test.createTestingModule({ imports }).compile()).init();
  });
  afterAll(() => app.close());

  it('have their own commands, aggregates, repositories and events', async () => {
    expect(await app.get(CommandBus).execute(new banking.Open('1'))).toMatchObject({ streamId: 'banking.account-1' });
    expect(banking.seen).toEqual([{ by: 'banking' }]);
    expect(library.seen).toEqual([]);

    expect(await app.get(CommandBus).execute(new library.Open('1'))).toMatchObject({ streamId: 'library.account-1' });
    expect(library.seen).toEqual([{ by: 'library' }]);
    expect(library.seen[0]).toBeInstanceOf(library.Opened);
    expect(banking.seen).toHaveLength(1);

    for (const { Account, expected } of [
      { Account: banking.Account, expected: 'banking' },
      { Account: library.Account, expected: 'library' },
    ]) {
      const accounts = app.get<Repository<{ openedBy: string }>>(repositoryToken(Account));
      expect((await accounts.load('1')).aggregate.openedBy).toBe(expected);
    }
  });
});
