import { afterEach, describe, expect, it } from '@jest/globals';
import { Aggregate, DomainError, Event, Handle, event, memory, type CommandResult } from '@gesta/core';
import {
  Controller,
  Logger,
  Module,
  Post,
  UseFilters,
  type INestApplication,
  type Provider,
  type Type,
} from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { configureHttp } from './configure-http.js';
import { ProblemDetailsFilter } from './problem-details.filter.js';

@Event('post.sent')
class Sent {}
class Send {
  constructor(readonly id: string) {}
}
@Aggregate({ category: 'post.letter', id: 'id', events: [Sent] })
class Letter {
  @Handle(Send)
  send() {
    return event(Sent, {});
  }
}

class Refused extends DomainError {}

@Controller('letters')
class LetterController {
  constructor(private readonly commands: CommandBus) {}

  @Post()
  send(): Promise<CommandResult> {
    return this.commands.execute(new Send('1'));
  }

  @Post('deep')
  async deep() {
    const { position } = await this.send();
    return { letters: [{ sent: { position }, hidden: 1 }] };
  }

  @Post('refused')
  refused() {
    throw new Refused('No stamp');
  }
}
@UseFilters(ProblemDetailsFilter)
@Controller('letters')
class CarefulController {
  @Post('refused')
  refused() {
    throw new Refused('No stamp');
  }
}

const MISSING = 'call configureHttp(app) before app.listen(), or provide ProblemDetailsFilter under APP_FILTER';

describe.each(PLATFORMS)('An application on $platform without configureHttp', ({ platform, adapter }) => {
  let app: INestApplication;
  const warned: unknown[] = [];
  const open = async (
    before: (app: INestApplication) => void = () => undefined,
    controllers: Type[] = [LetterController],
    filters: Provider[] = [],
  ) => {
    @Module({
      imports: [GestaModule.forRoot({ adapters: [memory()] }), GestaModule.forFeature([Letter])],
      controllers,
      providers: filters,
    })
    class AppModule {}
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = compiled.createNestApplication(await adapter());
    const silent = () => undefined;
    const warn = (message: unknown) => void warned.push(message);
    Logger.overrideLogger({ log: silent, warn, error: silent });
    before(app);
    await app.listen(0, '127.0.0.1');
  };
  afterEach(async () => {
    await app.close();
    Logger.overrideLogger(undefined as never);
    warned.length = 0;
  });
  const post = async (path = '') => {
    const response = await fetch(`${await app.getUrl()}/letters${path}`, { method: 'POST' });
    return { status: response.status, body: (await response.json()) as unknown };
  };

  it('answers what was recorded, wherever in the answer a position is', async () => {
    await open();
    const position = expect.stringMatching(/^\d+$/);
    expect(await post()).toEqual({ status: 201, body: { streamId: 'post.letter-1', revision: 0, position } });
    expect(await post('/deep')).toEqual({ status: 201, body: { letters: [{ sent: { position }, hidden: 1 }] } });
  });

  it('goes on answering as the application itself has set it', async () => {
    await open((made) => {
      const instance = made.getHttpAdapter().getInstance() as {
        set(name: string, value: unknown): void;
        setReplySerializer(serializer: (payload: unknown) => string): void;
      };
      const hide = (field: string, value: unknown) => (field === 'hidden' ? undefined : value);
      if (platform === 'Express') instance.set('json replacer', hide);
      else instance.setReplySerializer((payload) => JSON.stringify(payload, hide));
    });
    const position = expect.stringMatching(/^\d+$/);
    expect((await post('/deep')).body).toEqual({ letters: [{ sent: { position } }] });
  });

  if (platform === 'Express') {
    it('leaves fields out that the application does not list', async () => {
      const fields = ['letters', 'sent', 'position'];
      await open((made) =>
        (made.getHttpAdapter().getInstance() as { set(name: string, value: unknown): void }).set(
          'json replacer',
          fields,
        ),
      );
      expect((await post('/deep')).body).toEqual({ letters: [{ sent: { position: expect.any(String) } }] });
    });
  }

  it('says at its start what is missing', async () => {
    await open();
    expect(warned).toEqual([expect.stringContaining(MISSING)]);
    expect((await post('/refused')).status).toBe(500);
  });

  it.each([
    { what: 'the filter stands under APP_FILTER', filters: [{ provide: APP_FILTER, useClass: ProblemDetailsFilter }] },
    { what: 'a controller has the filter', controllers: [CarefulController] },
    { what: 'configureHttp was called', before: (made: INestApplication) => void configureHttp(made), status: 409 },
    {
      what: 'configureHttp was told to leave errors alone',
      before: (made: INestApplication) => void configureHttp(made, { problems: false }),
      status: 500,
    },
    { what: 'nothing is answered', controllers: [], status: 404 },
  ])('says nothing where $what', async ({ before, controllers, filters, status = 409 }) => {
    await open(before, controllers, filters);
    expect(warned).toEqual([]);
    expect((await post('/refused')).status).toBe(status);
  });
});
