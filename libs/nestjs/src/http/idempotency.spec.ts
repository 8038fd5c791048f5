import { EventEmitter, once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Apply,
  DomainError,
  Event,
  Handle,
  MemoryDocumentStore,
  MemoryEventStore,
  StoreUnavailable,
  event,
  type CommandResult,
  type DocumentCollection,
  type EventStore,
  type StoreAdapter,
} from '@gesta/core';
import {
  Body,
  Controller,
  Get,
  HttpCode,
  Injectable,
  Module,
  NotFoundException,
  Param,
  Post,
  Res,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { IsInt, IsOptional, IsPositive } from 'class-validator';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { CommandId } from './command-id.decorator.js';
import { configureHttp } from './configure-http.js';
import { Idempotent } from './idempotent.decorator.js';

class Overdrawn extends DomainError {}
class Move {
  constructor(
    readonly account: string,
    readonly amount: number,
  ) {}
}
@Event('bank.moved')
class Moved {
  readonly amount!: number;
}
@Aggregate({ category: 'bank.account', id: 'account' })
class Account {
  private balance = 0;
  @Handle(Move)
  move({ amount }: Move) {
    if (this.balance + amount < 0) throw new Overdrawn(`There are ${this.balance}`);
    return event(Moved, { amount });
  }
  @Apply(Moved)
  moved({ amount }: Moved) {
    this.balance += amount;
  }
}

class PaymentRequest {
  @IsInt() @IsPositive() readonly amount!: number;
  @IsOptional() readonly note?: string;
}

/** What the handlers below do, in the order in which they do it; and what they wait for, if anything. */
let runs: string[] = [];
let gate: EventEmitter | undefined;
let failure: Error | undefined;
let away = false;

@Injectable()
class HeaderUser implements CanActivate {
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest<{ headers: Record<string, string>; user?: object }>();
    if (request.headers['x-user']) request.user = { id: request.headers['x-user'], issuedAt: Math.random() };
    return true;
  }
}

interface Response {
  header(name: string, value: string): void;
}

@Controller('accounts')
@UseGuards(HeaderUser)
class AccountController {
  constructor(private readonly commands: CommandBus) {}

  @Post(':account/deposits')
  @Idempotent()
  async deposit(
    @Param('account') account: string,
    @Body() { amount }: PaymentRequest,
    @CommandId() id: string,
    @Res({ passthrough: true }) response: Response,
  ) {
    runs.push(`deposit ${amount}`);
    if (gate) {
      gate.emit('running');
      await once(gate, 'go');
    }
    const result = await this.commands.execute<Move, CommandResult>(new Move(account, amount));
    if (failure) throw failure;
    response.header('Location', `/payments/${id}`);
    return { id, ...result };
  }

  @Post(':account/withdrawals')
  @HttpCode(200)
  @Idempotent()
  withdraw(@Param('account') account: string, @Body() { amount }: PaymentRequest) {
    runs.push(`withdraw ${amount}`);
    return this.commands.execute<Move, CommandResult>(new Move(account, -amount));
  }

  @Post(':account/nothing')
  @HttpCode(204)
  @Idempotent()
  nothing() {
    runs.push('nothing');
  }

  @Post(':account/lost')
  @Idempotent()
  lost(): void {
    runs.push('lost');
    throw new NotFoundException('There is no such account');
  }

  @Get('command-id')
  commandId(@CommandId() id: string) {
    return { id };
  }
}

/** The store as several processes have it open: none of them closes it for the others. */
function keptOpen(now: () => MemoryEventStore): EventStore {
  return new Proxy({} as EventStore, {
    get(_, field) {
      if (field === 'close') return async () => undefined;
      const target = now();
      const value: unknown = Reflect.get(target, field, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** A collection that cannot be written while the store is away. */
function sometimesAway(collection: DocumentCollection): DocumentCollection {
  return {
    name: collection.name,
    get: (keys) => collection.get(keys),
    find: (filter, options) => collection.find(filter, options),
    count: (filter) => collection.count(filter),
    purge: (options) => collection.purge(options),
    put: async (found) => {
      if (away) throw new StoreUnavailable('The disk is full');
      return collection.put(found);
    },
  };
}

describe.each(PLATFORMS)('@Idempotent on $platform', ({ adapter }) => {
  let now: number;
  let eventStore: MemoryEventStore;
  let documents: MemoryDocumentStore;
  let apps: { app: INestApplication; url: string }[];

  beforeEach(async () => {
    runs = [];
    gate = failure = undefined;
    away = false;
    now = Date.parse('2026-11-20T10:00:00Z');
    eventStore = new MemoryEventStore({ now: () => new Date() });
    documents = new MemoryDocumentStore();
    apps = [];
    await start();
  });
  afterEach(async () => {
    for (const { app } of apps) await app.close();
  });

  /** Starts one more process that serves the application, on the stores of the others. */
  async function start() {
    const shared: StoreAdapter = {
      scheme: 'shared',
      example: 'shared:',
      openEventStore: async () => keptOpen(() => eventStore),
      openDocumentStore: async () => ({
        collection: async (name) => sometimesAway(await documents.collection(name)),
        collections: () => documents.collections(),
        drop: (name) => documents.drop(name),
        close: async () => undefined,
      }),
    };
    @Module({
      imports: [
        GestaModule.forRoot({ adapters: [shared], events: 'shared:', now: () => new Date(now), autoStart: false }),
        GestaModule.forFeature([Account]),
      ],
      controllers: [AccountController],
    })
    class AppModule {}
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    const app = compiled.createNestApplication(await adapter(), { logger: false });
    await configureHttp(app).listen(0, '127.0.0.1');
    apps.push({ app, url: await app.getUrl() });
  }

  const post = (path: string, key: string | undefined, body: unknown, headers: Record<string, string> = {}, at = 0) =>
    fetch(`${apps[at]!.url}/accounts/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }), ...headers },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const lengthOf = async (stream: string) => {
    let length = 0n;
    for await (const events of eventStore.readStream(stream)) length += BigInt(events.length);
    return length;
  };
  const answerOf = async (response: globalThis.Response) => ({
    status: response.status,
    body: await response.text(),
    location: response.headers.get('location'),
    replayed: response.headers.get('idempotency-replayed'),
  });

  it('gives a repeat the first answer: status, body and location', async () => {
    const first = await answerOf(await post('a/deposits', 'k1', { amount: 5 }));
    expect(first).toMatchObject({ status: 201, location: expect.stringMatching(/^\/payments\//), replayed: null });
    const repeat = await answerOf(await post('a/deposits', 'k1', { amount: 5 }));
    expect(repeat).toEqual({ ...first, replayed: 'true' });
    expect(runs).toEqual(['deposit 5']);
  });

  it('gives it in any process', async () => {
    await start();
    const first = await answerOf(await post('a/deposits', 'k1', { amount: 5 }));
    expect(await answerOf(await post('a/deposits', 'k1', { amount: 5 }, {}, 1))).toEqual({
      ...first,
      replayed: 'true',
    });
    expect(runs).toHaveLength(1);
  });

  it('gives a repeat an answer without a body too', async () => {
    await post('a/nothing', 'k1', {});
    expect(await answerOf(await post('a/nothing', 'k1', {}))).toEqual({
      status: 204,
      body: '',
      location: null,
      replayed: 'true',
    });
    expect(runs).toHaveLength(1);
  });

  it('does not tell bodies apart that say the same', async () => {
    await post('a/deposits', 'k1', '{"amount":5,"note":null}');
    const repeat = await post('a/deposits', 'k1', '{ "note" : null, "amount" : 5.0 }');
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
  });

  it.each([
    { what: 'another body', path: 'a/deposits', amount: 6 },
    { what: 'another path', path: 'b/deposits', amount: 5 },
  ])('refuses a key that was used with $what', async ({ path, amount }) => {
    await post('a/deposits', 'k1', { amount: 5 });
    const response = await post(path, 'k1', { amount });
    expect(response.headers.get('content-type')).toContain('application/problem+json');
    expect(await answerOf(response)).toMatchObject({ status: 422, body: expect.stringContaining('another request') });
    expect(runs).toHaveLength(1);
  });

  it('tells the keys of users apart', async () => {
    await post('a/deposits', 'k1', { amount: 5 }, { 'x-user': 'ann' });
    expect((await post('a/deposits', 'k1', { amount: 6 }, { 'x-user': 'ben' })).status).toBe(201);
    const repeat = await post('a/deposits', 'k1', { amount: 5 }, { 'x-user': 'ann' });
    expect(repeat.headers.get('idempotency-replayed')).toBe('true');
  });

  it('keeps the refusals of the domain', async () => {
    const first = await answerOf(await post('a/withdrawals', 'k1', { amount: 5 }));
    expect(first).toMatchObject({ status: 409, body: expect.stringContaining('"name":"Overdrawn"') });
    await post('a/deposits', 'k2', { amount: 5 });
    expect(await answerOf(await post('a/withdrawals', 'k1', { amount: 5 }))).toEqual({ ...first, replayed: 'true' });
    expect(await answerOf(await post('a/withdrawals', 'k3', { amount: 5 }))).toMatchObject({ status: 200 });
  });

  describe.each([
    { what: 'begun anew', isCopy: false },
    { what: 'put back to a copy without it', isCopy: true },
  ])('where the log was $what', ({ isCopy }) => {
    let before: MemoryEventStore;
    const earlier = async () => {
      if (!isCopy) return void (before = new MemoryEventStore());
      const id = await eventStore.log();
      before = new MemoryEventStore();
      before.log = async () => id; // as a copy has it
    };

    it('answers a request that was accepted by carrying it out again', async () => {
      await earlier();
      expect((await post('a/deposits', 'k1', { amount: 5 })).status).toBe(201);
      eventStore = before;
      const again = await answerOf(await post('a/deposits', 'k1', { amount: 5 }));
      expect(again).toMatchObject({ status: 201, replayed: null });
      expect(await lengthOf('bank.account-a')).toBe(1n);
      expect(runs).toEqual(['deposit 5', 'deposit 5']);
      expect(await answerOf(await post('a/deposits', 'k1', { amount: 5 }))).toEqual({ ...again, replayed: 'true' });
    });

    it('forgets a refusal, and that another request had the key', async () => {
      await earlier();
      expect((await post('a/withdrawals', 'k1', { amount: 5 })).status).toBe(409);
      eventStore = before;
      expect((await post('a/deposits', 'k1', { amount: 5 })).status).toBe(201);
      expect((await post('a/withdrawals', 'k2', { amount: 5 })).status).toBe(200);
    });
  });

  it('keeps no answer to a request that came to nothing, and frees its key', async () => {
    expect((await post('a/deposits', 'k1', { amount: -5 })).status).toBe(400);
    expect((await post('a/deposits', 'k1', { amount: 5 })).status).toBe(201);
    expect((await post('a/lost', 'k2', {})).status).toBe(404);
    expect((await post('a/lost', 'k2', {})).status).toBe(404);
    expect(runs).toEqual(['deposit 5', 'lost', 'lost']);
  });

  it('carries a request out again after a failure, under the same command id', async () => {
    failure = new Error('The power went off after the append');
    expect((await post('a/deposits', 'k1', { amount: 5 })).status).toBe(500);
    failure = undefined;
    const repeat = await answerOf(await post('a/deposits', 'k1', { amount: 5 }));
    expect(repeat).toMatchObject({ status: 201, replayed: null });
    expect(JSON.parse(repeat.body)).toMatchObject({ revision: 0 });
    expect(runs).toHaveLength(2);
    expect(await revisions('bank.account-a')).toEqual([0]);
  });

  it('gives two at once the same answer, of one run', async () => {
    gate = new EventEmitter();
    const running = once(gate, 'running');
    const first = post('a/deposits', 'k1', { amount: 5 });
    await running;
    const second = post('a/deposits', 'k1', { amount: 5 });
    const other = await post('a/deposits', 'k1', { amount: 6 });
    expect(other.status).toBe(422);
    gate.emit('go');
    const [one, two] = await Promise.all([first.then(answerOf), second.then(answerOf)]);
    expect(two).toEqual({ ...one, replayed: 'true' });
    expect(runs).toHaveLength(1);
  });

  it('gives two at once in two processes the same answer, of one run', async () => {
    await start();
    gate = new EventEmitter();
    const running = once(gate, 'running');
    const first = post('a/deposits', 'k1', { amount: 5 });
    await running;
    const second = post('a/deposits', 'k1', { amount: 5 }, {}, 1);
    expect((await post('a/deposits', 'k1', { amount: 6 }, {}, 1)).status).toBe(422);
    gate.emit('go');
    const [one, two] = await Promise.all([first.then(answerOf), second.then(answerOf)]);
    expect(two).toEqual({ ...one, replayed: 'true' });
    expect(runs).toEqual(['deposit 5']);
    expect(await revisions('bank.account-a')).toEqual([0]);
  });

  it('answers although the answer cannot be kept', async () => {
    gate = new EventEmitter();
    const running = once(gate, 'running');
    const answering = post('a/deposits', 'k1', { amount: 5 });
    await running;
    away = true;
    gate.emit('go');
    expect((await answering).status).toBe(201);
    away = false;
    gate = undefined;
    expect(await answerOf(await post('a/deposits', 'k1', { amount: 5 }))).toMatchObject({
      status: 201,
      replayed: null,
    });
    expect(await revisions('bank.account-a')).toEqual([0]);
  });

  it('asks no clock', async () => {
    await post('a/deposits', 'k1', { amount: 5 });
    now += 400 * 24 * 60 * 60 * 1_000;
    await start();
    now -= 800 * 24 * 60 * 60 * 1_000;
    await start();
    for (const at of [0, 1, 2]) {
      const repeat = await post('a/deposits', 'k1', { amount: 5 }, {}, at);
      expect(repeat.headers.get('idempotency-replayed')).toBe('true');
    }
    expect(runs).toHaveLength(1);
  });

  describe('when a record has ended', () => {
    const end = async () => {
      for (const name of await documents.collections()) {
        if (name.startsWith('gesta.idempotency')) await documents.drop(name);
      }
      await start();
    };
    const again = (path: string, amount: number) => post(path, 'k1', { amount }, {}, apps.length - 1);

    it('gives a repeat the first answer, and nothing happens twice', async () => {
      const first = await answerOf(await post('a/deposits', 'k1', { amount: 5 }));
      await end();
      expect(await answerOf(await again('a/deposits', 5))).toEqual(first);
      expect(await revisions('bank.account-a')).toEqual([0]);
    });

    it('refuses its key with another body, which would have no effect', async () => {
      await post('a/deposits', 'k1', { amount: 5 });
      await end();
      for (const _ of ['once', 'and again']) {
        const { status, body } = await answerOf(await again('a/deposits', 6));
        expect([status, JSON.parse(body)]).toEqual([
          422,
          expect.objectContaining({ type: 'urn:gesta:problem:command-id-taken' }),
        ]);
      }
      expect(await revisions('bank.account-a')).toEqual([0]);
    });

    it('gives the first refusal again, though it would not be refused now', async () => {
      const first = await answerOf(await post('a/withdrawals', 'k1', { amount: 5 }));
      await post('a/deposits', 'k2', { amount: 50 });
      await end();
      expect(await answerOf(await again('a/withdrawals', 5))).toEqual(first);
      expect((await again('a/withdrawals', 6)).status).toBe(422);
    });
  });

  it.each(['', 'a b', 'ä', 'x'.repeat(256)])('takes no key such as "%s"', async (key) => {
    const response = await post('a/deposits', Buffer.from(key).toString('latin1'), { amount: 5 });
    expect(await answerOf(response)).toMatchObject({
      status: 400,
      body: expect.stringContaining('Idempotency-Key must be 1 to 255 visible ASCII characters'),
    });
    expect(runs).toEqual([]);
  });

  it('changes nothing for requests without a key', async () => {
    await post('a/deposits', undefined, { amount: 5 });
    await post('a/deposits', undefined, { amount: 5 });
    expect(runs).toHaveLength(2);
    expect(await revisions('bank.account-a')).toEqual([0, 1]);
    const { id } = (await (await fetch(`${apps[0]!.url}/accounts/command-id`)).json()) as { id: string };
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  async function revisions(stream: string): Promise<number[]> {
    const found: number[] = [];
    for await (const batch of eventStore.readStream(stream)) found.push(...batch.map(({ revision }) => revision));
    return found;
  }
});
