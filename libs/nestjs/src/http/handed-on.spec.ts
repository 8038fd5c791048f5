import { afterEach, describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Command,
  Event,
  Handle,
  OnDeadline,
  ProcessManager,
  When,
  currentMessage,
  deadline,
  event,
  memory,
  runInMessageContext,
  send,
  type EventStore,
  type RecordedEvent,
} from '@gesta/core';
import {
  Body,
  Controller,
  Injectable,
  Module,
  Post,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
  type INestApplication,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { until } from '../../../core/test/until.js';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { EVENT_STORE } from '../module/inject.decorators.js';
import { configureHttp } from './configure-http.js';
import { Idempotent } from './idempotent.decorator.js';

@Event('post.sent')
class Sent {}
@Event('post.stamped')
class Stamped {}
class Send {
  constructor(readonly id: string) {}
}
@Command('post.stamp')
class Stamp {
  readonly id!: string;
}
@Aggregate({ category: 'post.letter', id: 'id', events: [Sent, Stamped] })
class Letter {
  @Handle(Send)
  send() {
    return event(Sent, {});
  }
  @Handle(Stamp)
  stamp() {
    return event(Stamped, {});
  }
}
@ProcessManager({ name: 'stamping', startFrom: 'beginning' })
class Stamping {
  @When(Sent)
  sent() {
    return [send(Stamp, { id: 'a' }), deadline('remind', { hours: 0 })];
  }
  @OnDeadline('remind')
  remind() {
    return send(Stamp, { id: 'b' });
  }
}

@Injectable()
class Guard implements CanActivate {
  canActivate(context: ExecutionContext) {
    const request = context.switchToHttp().getRequest<{ user?: object; headers: Record<string, string> }>();
    if (request.headers.authorization) request.user = { id: request.headers.authorization };
    return true;
  }
}

@UseGuards(Guard)
@Controller('letters')
class LetterController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  @Idempotent()
  async post(@Body() { tenantId }: { tenantId?: string }) {
    const message = currentMessage();
    const headers = { ...message?.headers, ...(tenantId && { tenantId }) };
    await runInMessageContext({ ...message, headers }, () => this.commands.execute(new Send('1')));
  }
}

describe.each(PLATFORMS)('Headers on $platform', ({ adapter }) => {
  let app: INestApplication;
  const open = async (handOn?: readonly string[]) => {
    @Module({
      imports: [GestaModule.forRoot({ adapters: [memory()], handOn }), GestaModule.forFeature([Letter])],
      providers: [Stamping],
      controllers: [LetterController],
    })
    class AppModule {}
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = compiled.createNestApplication(await adapter(), { logger: false });
    configureHttp(app, { userId: ({ user }: { user?: { id?: string } }) => user?.id });
    await app.listen(0, '127.0.0.1');
  };
  afterEach(() => app.close());

  const post = async (headers: Record<string, string>, body = '{}') =>
    fetch(`${await app.getUrl()}/letters`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
    });
  const log = async (count: number) => {
    const events: RecordedEvent[] = [];
    await until('everything has followed', async () => {
      events.length = 0;
      const store = app.get<EventStore>(EVENT_STORE);
      for (const stream of ['post.letter-1', 'post.letter-a', 'post.letter-b']) {
        for await (const batch of store.readStream(stream)) events.push(...batch);
      }
      return events.length >= count;
    });
    return events;
  };

  it('that the application names pass process managers, their commands and their deadlines', async () => {
    await open(['tenantId']);
    await post({ authorization: 'ada', 'x-correlation-id': 'c' }, '{"tenantId":"acme"}');
    const all = await log(3);
    expect(all.map(({ type }) => type)).toEqual(['post.sent', 'post.stamped', 'post.stamped']);
    for (const { headers } of all)
      expect(headers).toMatchObject({ tenantId: 'acme', userId: 'ada', correlationId: 'c' });
  });

  it('that it does not name go no further than their event', async () => {
    await open();
    await post({ authorization: 'ada' }, '{"tenantId":"acme"}');
    expect((await log(3)).map(({ headers }) => [headers.tenantId, headers.userId])).toEqual([
      ['acme', 'ada'],
      [undefined, 'ada'],
      [undefined, 'ada'],
    ]);
  });

  it('say who asked, with an idempotency key too, and nothing where nobody is known', async () => {
    await open();
    expect((await post({ authorization: 'ada', 'idempotency-key': 'k' })).status).toBe(201);
    expect((await log(1))[0]!.headers.userId).toBe('ada');
    await post({});
    await until(
      'the second one is there',
      async () => (await log(2)).filter(({ type }) => type === 'post.sent').length === 2,
    );
    expect((await log(2)).filter(({ type }) => type === 'post.sent').map(({ headers }) => headers.userId)).toEqual([
      'ada',
      undefined,
    ]);
  });
});

describe('A header that each message has for itself', () => {
  it.each(['replyTo', 'causationId', 'commandContent', ''])("such as '%s' is not handed on", async (name) => {
    const root = GestaModule.forRoot({ adapters: [memory()], handOn: [name] });
    await expect(Test.createTestingModule({ imports: [root] }).compile()).rejects.toThrow(
      `handOn names headers of the application; '${name}' is none that is handed on`,
    );
  });
});
