import { describe, expect, it } from '@jest/globals';
import {
  CommandRefused,
  deterministicId,
  event,
  eventDefinition,
  MemoryDocumentStore,
  MemoryEventStore,
  send,
  toJson,
  type DomainEvent,
  type RecordedEvent,
} from '@gesta/core';
import { Deposited, Release, TransferAsked, Withdraw, Withdrawn } from './bank.js';
import { difference } from './oracle.js';

const asked = event(TransferAsked, { transfer: 't', from: 'a', to: 'b', amount: 3 });
const commandIds = (askedId: string) =>
  [0, 1].map((index) => deterministicId('command', 'transfer', 't', askedId, index));

/** A log of what happened, each in a stream. */
class Log {
  readonly store = new MemoryEventStore();

  async add(stream: string, { type, data, eventClass }: DomainEvent, ids: { id?: string; commandId?: string } = {}) {
    const { id = crypto.randomUUID(), commandId } = ids;
    const { version } = eventDefinition(eventClass);
    await this.store.append(stream, [{ id, type, version, commandId, headers: {}, data: toJson(data) as never }], {
      expected: 'any',
    });
    return id;
  }

  /** A transfer was asked for, and both of its commands have left. */
  async transfer(): Promise<{ release: string; withdraw: string }> {
    const id = await this.add('model.transfer-t', asked);
    const [release, withdraw] = commandIds(id);
    const sent = [
      send(Release, { account: 'a', transfer: 't' }),
      send(Withdraw, { account: 'a', transfer: 't', amount: 3 }),
    ];
    for (const [index, { data, commandClass }] of sent.entries()) {
      const command = event(commandClass as never, data as never);
      await this.add(`bank.command-${index}`, command, { id: [release, withdraw][index]! });
    }
    return { release: release!, withdraw: withdraw! };
  }

  async differences(): Promise<string[]> {
    const events: RecordedEvent[] = [];
    for await (const batch of this.store.readAll()) events.push(...batch.events);
    const found = await difference(events, new MemoryDocumentStore(), [], []);
    return found.map(({ kind, what }) => `${kind}: ${what}`);
  }
}

const withdrawn = event(Withdrawn, { transfer: 't', amount: 3 });
const refused = (commandId: string) =>
  event(CommandRefused, {
    process: 'transfer',
    key: 't',
    commandId,
    command: 'bank.withdraw',
    version: 1,
    data: { account: 'a', transfer: 't', amount: 3 },
    refusal: { name: 'TooLittle', message: 'only 0 left' },
  });

describe('the oracle of the model notices', () => {
  it('a command that never left', async () => {
    const log = new Log();
    await log.add('model.transfer-t', asked);
    expect(await log.differences()).toContain(
      'lost: the command bank.withdraw {"account":"a","transfer":"t","amount":3}',
    );
  });

  it('a command that came to nothing', async () => {
    const log = new Log();
    await log.transfer();
    expect(await log.differences()).toContain('lost: bank.withdraw of t came to nothing');
  });

  it('a command that was carried out twice', async () => {
    const log = new Log();
    const { withdraw } = await log.transfer();
    await log.add('bank.account-a', withdrawn, { commandId: withdraw });
    await log.add('bank.account-a', withdrawn, { commandId: withdraw });
    expect(await log.differences()).toContain('doubled: bank.withdraw of t came to bank.withdrawn and bank.withdrawn');
  });

  it('a command that was both accepted and refused', async () => {
    const log = new Log();
    const { withdraw } = await log.transfer();
    await log.add('bank.account-a', withdrawn, { commandId: withdraw });
    await log.add('gesta.refusal-1', refused(withdraw));
    expect(await log.differences()).toContain(
      'both: bank.withdraw of t came to bank.withdrawn and gesta.command-refused',
    );
  });

  it('a letter that was not sent', async () => {
    const log = new Log();
    await log.add('bank.account-a', event(Deposited, { transfer: 'client-1', amount: 3 }), { commandId: 'client-1' });
    expect(await log.differences()).toContain('lost: the letter for client-1');
  });

  it('what a client deposited under one id and is there twice', async () => {
    const log = new Log();
    for (let times = 0; times < 2; times++) {
      await log.add('bank.account-a', event(Deposited, { transfer: 'client-1', amount: 3 }), { commandId: 'client-1' });
    }
    expect(await log.differences()).toContain('doubled: what client-1 deposited');
  });

  it('an instance that is not what its events make of it', async () => {
    const log = new Log();
    await log.transfer();
    expect((await log.differences()).some((what) => what.startsWith('differing: the process t is undefined'))).toBe(
      true,
    );
  });
});
