import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { memory } from '@gesta/core';
import { Body, Controller, Logger, Module, Post, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { until } from '../../../core/test/until.js';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { configureHttp } from './configure-http.js';

const taken: unknown[] = [];

@Controller('things')
class ThingController {
  @Post()
  take(@Body() body: Record<string, unknown> | undefined) {
    taken.push(body ?? null);
    return { took: body ?? null };
  }
}
@Module({ imports: [GestaModule.forRoot({ adapters: [memory()] })], controllers: [ThingController] })
class AppModule {}

describe.each(PLATFORMS)('A body sent to $platform', ({ adapter }) => {
  let app: INestApplication;
  let port: number;
  const logged: unknown[] = [];

  beforeAll(async () => {
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = compiled.createNestApplication(await adapter(), { rawBody: true });
    const silent = () => undefined;
    const note = (...said: unknown[]) => void logged.push(said);
    Logger.overrideLogger({ log: silent, warn: note, error: note });
    await configureHttp(app, { bodyLimit: '1kb' }).listen(0, '127.0.0.1');
    port = ((app.getHttpServer() as Server).address() as AddressInfo).port;
  });
  afterAll(async () => {
    await app.close();
    Logger.overrideLogger(undefined as never);
  });
  beforeEach(() => {
    taken.length = logged.length = 0;
  });

  const post = async (body: RequestInit['body'], headers: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}/things`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body,
      duplex: 'half',
    } as RequestInit);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const streamed = (...parts: Buffer[]) => ReadableStream.from(parts);

  it.each([
    ['gzip', gzipSync],
    ['deflate', deflateSync],
    ['br', brotliCompressSync],
    ['zstd', zstdCompressSync],
    ['GZIP', gzipSync],
  ] as const)('is unfolded from %s', async (encoding, fold) => {
    const sent = fold('{"a":"ä"}');
    for (const body of [new Uint8Array(sent), streamed(sent)]) {
      expect(await post(body, { 'content-encoding': encoding })).toEqual({ status: 201, body: { took: { a: 'ä' } } });
    }
  });

  it('may come in parts', async () => {
    expect(await post(streamed(Buffer.from('{"a":"'), Buffer.from('\u00e4"}')))).toMatchObject({ status: 201 });
    expect(taken).toEqual([{ a: 'ä' }]);
  });

  it('may begin with the mark of its byte order', async () => {
    expect(await post('\uFEFF{"a":1}')).toMatchObject({ status: 201, body: { took: { a: 1 } } });
  });

  it.each([
    { what: 'in parts', headers: {}, body: () => streamed(Buffer.from('{"a":"'), Buffer.alloc(2_000, 'x')) },
    {
      what: 'that unfolds into very much',
      headers: { 'content-encoding': 'gzip' },
      body: () => new Uint8Array(gzipSync(`"${'x'.repeat(5_000_000)}"`)),
    },
    {
      what: 'in parts that unfold into very much',
      headers: { 'content-encoding': 'br' },
      body: () => streamed(brotliCompressSync(`"${'x'.repeat(5_000_000)}"`)),
    },
  ])('is refused where it is too long, $what', async ({ headers, body }) => {
    expect(await post(body(), headers as Record<string, string>)).toMatchObject({
      status: 413,
      body: { type: 'urn:gesta:problem:body-too-large', rule: 'bodyLimit', limit: 1_024 },
    });
    expect(taken).toEqual([]);
  });

  it.each([
    { what: 'an encoding of which half is missing', body: gzipSync('{"a":1}').subarray(0, 12), encoding: 'gzip' },
    { what: 'another encoding than it says', body: deflateSync('{"a":1}'), encoding: 'gzip' },
    { what: 'bytes that are no text', body: Buffer.from('{"a":"ä"}', 'latin1'), encoding: 'identity' },
    { what: 'folded bytes that are no text', body: gzipSync(Buffer.from('{"a":"ä"}', 'latin1')), encoding: 'gzip' },
    { what: 'white space', body: Buffer.from(' \n '), encoding: 'identity' },
    { what: 'a number', body: Buffer.from('1'), encoding: 'identity' },
    { what: 'null', body: Buffer.from('null'), encoding: 'identity' },
    { what: 'two objects', body: Buffer.from('{}{}'), encoding: 'identity' },
  ])('is refused where it is $what', async ({ body, encoding }) => {
    expect(await post(new Uint8Array(body), { 'content-encoding': encoding })).toMatchObject({ status: 400 });
    expect([taken, logged]).toEqual([[], []]);
  });

  it.each(['compress', 'gzip, gzip', 'x'])('is refused in the encoding %s', async (encoding) => {
    expect((await post('{}', { 'content-encoding': encoding })).status).toBe(415);
  });

  it('that breaks off is no event for the log, and keeps nothing open', async () => {
    const head = 'POST /things HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n';
    const halves = [
      `${head}content-length: 100\r\n\r\n{"a":`,
      `${head}transfer-encoding: chunked\r\n\r\n5\r\n{"a":\r\n`,
      `${head}content-encoding: gzip\r\ncontent-length: 100\r\n\r\n\x1f\x8b`,
    ];
    for (const half of halves) {
      for (const leave of [(socket: Socket) => socket.resetAndDestroy(), (socket: Socket) => socket.end()]) {
        const socket = connect(port, '127.0.0.1');
        socket.on('error', () => undefined).resume();
        await once(socket, 'connect');
        socket.write(Buffer.from(half, 'latin1'));
        await until('the request has come in', () => connections().then((open) => open > 0));
        leave(socket);
        await until('nothing is open', () => connections().then((open) => open === 0));
      }
    }
    expect([taken, logged]).toEqual([[], []]);
    expect((await post('{"a":1}', { connection: 'close' })).status).toBe(201);
  });

  function connections(): Promise<number> {
    return new Promise((resolve) => (app.getHttpServer() as Server).getConnections((_error, count) => resolve(count)));
  }
});
