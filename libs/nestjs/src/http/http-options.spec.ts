import { afterEach, describe, expect, it } from '@jest/globals';
import { DomainError, currentMessage, memory } from '@gesta/core';
import { Body, Controller, Module, Post, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { IsString } from 'class-validator';
import type { Server } from 'node:http';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { configureHttp } from './configure-http.js';
import type { HttpOptions } from './http-options.js';

class Note {
  @IsString() readonly text!: string;
}

class Refused extends DomainError {}

@Controller('notes')
class NoteController {
  @Post()
  note(@Body() note: Note) {
    return { note, correlation: currentMessage()?.headers?.correlationId ?? null };
  }
  @Post('refused')
  refused() {
    throw new Refused('No');
  }
}
@Module({ imports: [GestaModule.forRoot({ adapters: [memory()] })], controllers: [NoteController] })
class AppModule {}

describe.each(PLATFORMS)('configureHttp on $platform, piece by piece', ({ adapter }) => {
  let app: INestApplication;
  const open = async (options: HttpOptions) => {
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = compiled.createNestApplication(await adapter(), { logger: false });
    await configureHttp(app, options).listen(0, '127.0.0.1');
  };
  afterEach(() => app.close());
  const post = async (body: unknown, path = '', type = 'application/json') => {
    const response = await fetch(`${await app.getUrl()}/notes${path}`, {
      method: 'POST',
      headers: { 'content-type': type },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown>, response };
  };

  it.each([
    { unknownFields: undefined, status: 400, note: undefined },
    { unknownFields: 'refuse', status: 400, note: undefined },
    { unknownFields: 'drop', status: 201, note: { text: 'a' } },
    { unknownFields: 'keep', status: 201, note: { text: 'a', of: 'b' } },
  ] as const)('does with unknown fields as it is told: $unknownFields', async ({ unknownFields, status, note }) => {
    await open({ unknownFields });
    const answer = await post({ text: 'a', of: 'b' });
    expect([answer.status, answer.body.note]).toEqual([status, note]);
    expect((await post({ text: 1 })).status).toBe(400);
  });

  it('leaves errors to the application', async () => {
    await open({ problems: false });
    const { status, body } = await post({}, '/refused');
    expect([status, body]).toEqual([500, { statusCode: 500, message: 'Internal server error' }]);
    expect((await post({ text: 1 })).response.headers.get('content-type')).toContain('application/json');
  });

  it('leaves validation to the application', async () => {
    await open({ validation: false });
    expect(await post({ other: 1 })).toMatchObject({ status: 201, body: { note: { other: 1 } } });
  });

  it('leaves bodies to the application', async () => {
    await open({ bodies: false });
    const deep = JSON.parse('['.repeat(50) + ']'.repeat(50)) as unknown;
    expect((await post({ text: 'a', deep }, '')).status).toBe(400);
    expect((await post(deep, '')).body).not.toHaveProperty('rule');
    expect((await post('text=a', '', 'application/x-www-form-urlencoded')).status).toBe(201);
  });

  it('leaves events without a correlation', async () => {
    await open({ correlation: false });
    const { body, response } = await post({ text: 'a' });
    expect(body.correlation).toBeNull();
    expect(response.headers.has('x-correlation-id')).toBe(false);
  });

  it('tells nobody what it is made of', async () => {
    await open({});
    expect((await post({ text: 'a' })).response.headers.has('x-powered-by')).toBe(false);
    expect((await fetch(`${await app.getUrl()}/nowhere`)).headers.has('x-powered-by')).toBe(false);
  });

  it('waits for no request without end', async () => {
    await open({});
    expect(app.getHttpServer() as Server).toMatchObject({ requestTimeout: 30_000, headersTimeout: 30_000 });
    await app.close();
    await open({ requestTimeoutMs: 0 });
    expect((app.getHttpServer() as Server).requestTimeout).toBe(0);
  });

  it.each([
    [{ unknownFields: 'hide' as never }, "unknownFields of configureHttp must be one of 'refuse', 'drop', 'keep'"],
    [{ bodyLimit: 'large' }, "bodyLimit of configureHttp must be a number of bytes from 1, or a text such as '64kb'"],
    [{ bodyLimit: 0 }, 'bodyLimit of configureHttp'],
    [{ bodyLimit: '1tb' }, 'bodyLimit of configureHttp'],
    [{ maxBacklogMs: NaN }, 'maxBacklogMs of configureHttp must be a number from 0'],
    [{ requestTimeoutMs: -1 }, 'requestTimeoutMs of configureHttp must be a number from 0'],
  ])('takes no %j', async (options, message) => {
    await open({});
    expect(() => configureHttp(app, options)).toThrow(message);
  });
});
