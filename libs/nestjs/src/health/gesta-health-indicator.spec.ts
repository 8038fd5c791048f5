import { describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Event,
  Handle,
  MemoryDocumentStore,
  MemoryEventStore,
  Project,
  Projection,
  ReadModel,
  event,
  memory,
  type CommandResult,
  type Gesta,
  type ReaderStatus,
  type StoreCondition,
} from '@gesta/core';
import { Controller, Get, Module, type INestApplication } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { HealthCheck, HealthCheckService, TerminusModule } from '@nestjs/terminus';
import { Test } from '@nestjs/testing';
import type { Stores } from '../configuration/open-stores.js';
import { configureHttp } from '../http/configure-http.js';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { readModelToken } from '../module/injection-tokens.js';
import { GestaHealthIndicator } from './gesta-health-indicator.js';

class Say {
  constructor(
    readonly id: string,
    readonly what: string,
  ) {}
}
@Event('talk.said')
class Said {
  readonly what!: string;
}
@Aggregate({ category: 'talk.talk', id: 'id', events: [Said] })
class Talk {
  @Handle(Say)
  say({ what }: Say) {
    return event(Said, { what });
  }
}
@Projection({ name: 'sayings' })
class Sayings {
  @Project(Said)
  said({ what }: Said) {
    if (what === 'unspeakable') throw new Error('Nobody can fold that');
    return { what };
  }
}

@Controller('health')
class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly gesta: GestaHealthIndicator,
  ) {}

  @Get('live')
  @HealthCheck()
  live() {
    return this.health.check([() => this.gesta.alive()]);
  }

  @Get('ready')
  @HealthCheck()
  ready() {
    return this.health.check([
      () => this.gesta.stores({ timeoutMs: 100 }),
      () => this.gesta.readers({ timeoutMs: 100 }),
    ]);
  }
}

async function start(
  adapter: (typeof PLATFORMS)[number]['adapter'],
  options: Partial<Parameters<typeof GestaModule.forRoot>[0]> = {},
) {
  @Module({
    imports: [
      TerminusModule.forRoot({ logger: false }),
      GestaModule.forRoot({ adapters: [memory()], ...options }),
      GestaModule.forFeature([Talk]),
    ],
    providers: [Sayings],
    controllers: [HealthController],
  })
  class AppModule {}
  const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
  const app = compiled.createNestApplication(await adapter(), { logger: false });
  await configureHttp(app).listen(0, '127.0.0.1');
  const url = await app.getUrl();
  const get = async (path: string) => {
    const response = await fetch(`${url}/health/${path}`);
    return { status: response.status, health: (await response.json()) as { details: Record<string, unknown> } };
  };
  return { app, get };
}

const readersIn = ({ details }: { details: Record<string, unknown> }) =>
  Object.values((details.readers as { readers: object }).readers);

const say = (app: INestApplication, what: string) =>
  app.get(CommandBus).execute<Say, CommandResult>(new Say('1', what));

describe.each(PLATFORMS)('GestaHealthIndicator on $platform', ({ adapter }) => {
  it('is up once every reader has caught up, and tells how each is doing', async () => {
    const { app, get } = await start(adapter);
    const { position } = await say(app, 'hello');
    await app.get<ReadModel<object>>(readModelToken(Sayings)).waitFor(position);
    const { status, health } = await get('ready');
    expect(status).toBe(200);
    expect(health.details.stores).toEqual({ status: 'up', events: 'answers', documents: 'answers' });
    expect(health.details.readers).toMatchObject({ status: 'up' });
    expect(readersIn(health)).toEqual([
      {
        kind: 'projection',
        owner: true,
        position: position.toString(),
        lag: 0,
        caughtUp: true,
        parked: 0,
        missing: [],
        waiting: {},
        failing: false,
      },
    ]);
    await app.close();
  });

  it('tells what is parked, and stays up', async () => {
    const { app, get } = await start(adapter);
    const { position } = await say(app, 'unspeakable');
    await app.get<ReadModel<object>>(readModelToken(Sayings)).waitFor(position);
    const { status, health } = await get('ready');
    expect(status).toBe(200);
    expect(readersIn(health)).toEqual([expect.objectContaining({ parked: 1, caughtUp: true })]);
    await app.close();
  });

  it('is up in a process that follows no log', async () => {
    const { app, get } = await start(adapter, { autoStart: false });
    await say(app, 'hello');
    expect(await get('ready')).toMatchObject({ status: 200, health: { details: { readers: { status: 'up' } } } });
    await app.close();
  });
});

describe('an indicator', () => {
  const reader: ReaderStatus = {
    reader: 'sayings',
    kind: 'projection',
    owner: true,
    position: 10n,
    lag: 0n,
    caughtUp: false,
    missing: [],
    waiting: {},
    changed: undefined,
    parked: 0,
    error: undefined,
  };
  const stores: Stores = {
    events: new MemoryEventStore({ now: () => new Date() }),
    documents: new MemoryDocumentStore(),
  };
  const indicator = (status: () => Promise<ReaderStatus[]>, open: Stores = stores) =>
    new GestaHealthIndicator({ status, waiting: () => [] } as unknown as Gesta, open, true);

  it('is not ready until readers are where the log ended when they were first looked at, however fast it grows', async () => {
    let status: ReaderStatus = { ...reader, position: 10n, lag: 90n };
    const health = indicator(async () => [status]);
    expect((await health.readers()).readers).toMatchObject({ status: 'down', readers: { sayings: { lag: 90 } } });
    status = { ...reader, position: 99n, lag: 101n };
    expect((await health.readers()).readers).toMatchObject({ status: 'down' });
    status = { ...reader, position: 100n, lag: 200n };
    expect((await health.readers()).readers).toMatchObject({ status: 'up', readers: { sayings: { caughtUp: true } } });
  });

  it('is degraded while a reader fails, and keeps the reason to the log', async () => {
    const health = indicator(async () => [{ ...reader, caughtUp: true, error: 's3cr3t' }]);
    const { readers } = await health.readers();
    expect(readers).toMatchObject({ status: 'degraded', readers: { sayings: { failing: true } } });
    expect(JSON.stringify(readers)).not.toContain('s3cr3t');
  });

  it('is down when a store takes no writes, and degraded when one tells of what will become a problem, once', async () => {
    const telling = (condition: StoreCondition) => ({
      events: Object.assign(new MemoryEventStore({ now: () => new Date() }), { condition: async () => condition }),
      documents: Object.assign(new MemoryDocumentStore(), { condition: async () => condition }),
    });
    const storesOf = (condition: StoreCondition) => indicator(async () => [], telling(condition)).stores();
    expect(await storesOf({ failing: 'the disk is full', warnings: [] })).toEqual({
      stores: {
        status: 'down',
        events: 'takes no writes: the disk is full',
        documents: 'takes no writes: the disk is full',
      },
    });
    expect(await storesOf({ warnings: ['the log grows'] })).toEqual({
      stores: { status: 'degraded', events: 'answers', documents: 'answers', warnings: ['the log grows'] },
    });
  });

  it('is down while a reader cannot go on by itself, or has waited for half a minute and goes on with nothing', async () => {
    const statusOf = async (found: Partial<ReaderStatus>) =>
      (await indicator(async () => [{ ...reader, caughtUp: true, ...found }]).readers()).readers;
    expect(await statusOf({ stuck: true, error: 's3cr3t' })).toMatchObject({ status: 'down' });
    expect(await statusOf({ waitsFor: { forMs: 30_001 } })).toMatchObject({
      status: 'down',
      readers: { sayings: { waitsFor: { forMs: 30_001 } } },
    });
    const effect = { key: 'a', position: 7n };
    expect(await statusOf({ waitsFor: { ...effect, forMs: 30_000.4, othersGoOn: false } })).toMatchObject({
      status: 'down',
      readers: { sayings: { waitsFor: { key: 'a', position: '7', forMs: 30_000 } } },
    });
    expect(await statusOf({ waitsFor: { ...effect, forMs: 29_000, othersGoOn: false } })).toMatchObject({
      status: 'up',
    });
    expect(await statusOf({ waitsFor: { ...effect, forMs: 90_000, othersGoOn: true } })).toMatchObject({
      status: 'up',
      readers: { sayings: { waitsFor: { othersGoOn: true } } },
    });
  });

  it('names the readers that wait when the stores do not answer', async () => {
    const gesta = {
      status: () => new Promise(() => undefined),
      waiting: () => [{ reader: 'sayings', forMs: 31_000.2 }],
    };
    const health = new GestaHealthIndicator(gesta as unknown as Gesta, stores, true);
    expect(await health.readers({ timeoutMs: 10 })).toEqual({
      readers: { status: 'down', message: 'The stores do not answer; waiting: sayings for 31000 ms' },
    });
  });

  it('is down when the stores fail or do not answer in time, and alive all the same', async () => {
    const never = () => new Promise<never>(() => undefined);
    const failing = async () => {
      throw new Error('s3cr3t');
    };
    for (const head of [never, failing]) {
      const away = { ...stores, events: { head } as unknown as Stores['events'] };
      const health = indicator(head, away);
      expect(await health.stores({ key: 'my-stores', timeoutMs: 10 })).toEqual({
        'my-stores': { status: 'down', events: 'does not answer', documents: 'answers' },
      });
      expect(await health.readers({ timeoutMs: 10 })).toEqual({
        readers: { status: 'down', message: 'The stores do not answer' },
      });
      expect(health.alive()).toEqual({ gesta: { status: 'up' } });
    }
  });
});
