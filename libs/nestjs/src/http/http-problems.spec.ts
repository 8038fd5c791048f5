import { randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { Server } from 'node:http';
import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  Aggregate,
  Apply,
  ConcurrencyConflict,
  DomainError,
  Event,
  Handle,
  Project,
  Projection,
  ReadModel,
  Repository,
  StoreUnavailable,
  TooManyWaiting,
  event,
  memory,
  type CommandResult,
  type EventStore,
  AppendTooLarge,
  StreamIncomplete,
  StreamTombstoned,
  UnknownEvent,
  type RecordedEvent,
} from '@gesta/core';
import {
  Body,
  Controller,
  ForbiddenException,
  Get,
  HttpException,
  Logger,
  Module,
  Param,
  Post,
  Query,
  type INestApplication,
} from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { Type } from 'class-transformer';
import { ArrayNotEmpty, IsArray, IsInt, IsOptional, IsPositive, IsString, Min, ValidateNested } from 'class-validator';
import { PLATFORMS } from '../../test/platforms.js';
import { GestaModule } from '../module/gesta.module.js';
import { EVENT_STORE, InjectReadModel, InjectRepository } from '../module/inject.decorators.js';
import { configureHttp } from './configure-http.js';
import type { HttpOptions } from './http-options.js';
import { ParsePositionPipe } from './parse-position.pipe.js';

/** Of the route that waits for what is not there. */
const waits = new EventEmitter();

class OrderAlreadyPlaced extends DomainError {
  readonly code = 'ORD-1';
}
class PlaceOrder {
  constructor(
    readonly orderId: string,
    readonly lines: readonly object[],
  ) {}
}
@Event('ordering.order-placed')
class OrderPlaced {
  @IsString() readonly orderId!: string;
  readonly lines!: readonly object[];
}
@Aggregate({ category: 'ordering.order', id: 'orderId' })
class Order {
  private placedBefore = false;

  @Handle(PlaceOrder)
  place({ orderId, lines }: PlaceOrder) {
    if (this.placedBefore) throw new OrderAlreadyPlaced(`Order ${orderId} was placed before`);
    return event(OrderPlaced, { orderId, lines });
  }

  @Apply(OrderPlaced)
  placed() {
    this.placedBefore = true;
  }
}
@Projection({ name: 'orders' })
class Orders {
  @Project(OrderPlaced)
  placed({ orderId }: OrderPlaced) {
    return { orderId };
  }
}

class LineRequest {
  @IsString() readonly sku!: string;
  @IsInt() @IsPositive() readonly quantity!: number;
}
class PlaceOrderRequest {
  @IsString() readonly orderId!: string;
  @IsArray() @ArrayNotEmpty() @ValidateNested({ each: true }) @Type(() => LineRequest) readonly lines!: LineRequest[];
}
class PageRequest {
  @IsOptional() @Type(() => Number) @IsInt() @Min(1) readonly limit: number = 20;
}

const thrown: Record<string, () => Error> = {
  unknown: () => new Error('the password is s3cr3t'),
  string: () => 's3cr3t' as unknown as Error,
  store: () => new StoreUnavailable('disk of /var/s3cr3t is full'),
  tombstoned: () => new StreamTombstoned('ordering.order-s3cr3t'),
  large: () => new AppendTooLarge('ordering.order-s3cr3t', 2_000_000, 1_048_576),
  incomplete: () => new StreamIncomplete('ordering.order-s3cr3t', 3),
  unreadable: () => new UnknownEvent({ type: 's3cr3t', revision: 1, streamId: 'ordering.order-1' } as RecordedEvent),
  waiting: () => new TooManyWaiting(1_000),
  conflict: () => new ConcurrencyConflict('ordering.order-1', 10, undefined),
  forbidden: () => new ForbiddenException('Not yours'),
  custom: () => new HttpException({ info: 1, error: { database: 'down' }, status: 'error' }, 503),
  middleware: () => Object.assign(new Error('Too many requests'), { statusCode: 429, status: 429, expose: true }),
};

@Controller('orders')
class OrderController {
  constructor(
    private readonly commands: CommandBus,
    @InjectReadModel(Orders) private readonly orders: ReadModel<{ orderId: string }>,
    @InjectRepository(Order) private readonly repository: Repository<Order>,
  ) {}

  @Post()
  place(@Body() { orderId, lines }: PlaceOrderRequest): Promise<CommandResult> {
    return this.commands.execute(new PlaceOrder(orderId, lines));
  }

  @Post('anything')
  anything(@Body() body: Record<string, unknown>) {
    return this.commands.execute<PlaceOrder, CommandResult>(new PlaceOrder(randomUUID(), [body ?? {}]));
  }

  @Get()
  page(@Query() { limit }: PageRequest) {
    return { limit };
  }

  @Get('after')
  async after(@Query('position', ParsePositionPipe) position: bigint) {
    await this.orders.waitFor(position, { timeoutMs: 20 });
    return { position };
  }

  @Get('behind')
  async behind() {
    waits.emit('begun');
    const failure = await this.orders.waitFor(1n, { timeoutMs: 60_000 }).catch((error: unknown) => error);
    waits.emit('ended', failure);
    throw failure as Error;
  }

  @Get('optional')
  optional(@Query('position', new ParsePositionPipe({ optional: true })) position?: bigint) {
    return { position: position ?? null };
  }

  @Get('thrown/:what')
  throws(@Param('what') what: string) {
    throw thrown[what]!();
  }

  @Get(':id')
  async find(@Param('id') id: string) {
    return { revision: (await this.repository.load(id)).revision };
  }
}

@Module({
  imports: [GestaModule.forRoot({ adapters: [memory()] }), GestaModule.forFeature([Order])],
  providers: [Orders],
  controllers: [OrderController],
})
class AppModule {}

const arrayOf = (count: number, element: string) => Array<string>(count).fill(element).join(',');
const arraysIn = (outer: number, inner: number, element = '1') => `[${arrayOf(outer, `[${arrayOf(inner, element)}]`)}]`;
const fieldsIn = (count: number) =>
  JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, i) => [`f${i}`, 1])));

const logged: unknown[][] = [];

describe.each(PLATFORMS)('an application on $platform set up by configureHttp', ({ adapter }) => {
  let app: INestApplication;
  let url: string;

  beforeAll(async () => {
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    app = compiled.createNestApplication(await adapter());
    const note = (...message: unknown[]) => logged.push(message);
    const silent = () => undefined;
    Logger.overrideLogger({ log: silent, warn: note, error: note, debug: silent, verbose: silent });
    await configureHttp(app).listen(0, '127.0.0.1');
    // A busy machine takes its time between two requests on one connection.
    (app.getHttpServer() as Server).keepAliveTimeout = 60_000;
    url = await app.getUrl();
  });
  afterAll(async () => {
    await app.close();
    Logger.overrideLogger(undefined as never);
  });

  const get = (path: string) => fetch(url + path);
  const post = (path: string, body: string | Buffer, headers: Record<string, string> = {}) =>
    fetch(url + path, { method: 'POST', body, headers: { 'content-type': 'application/json', ...headers } });
  async function problemIn(response: Response) {
    expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
    const problem = (await response.json()) as Record<string, unknown>;
    expect(problem.status).toBe(response.status);
    return problem;
  }

  it('gives positions as decimal texts', async () => {
    const response = await post('/orders', '{"orderId":"1","lines":[{"sku":"a","quantity":1}]}');
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({
      streamId: 'ordering.order-1',
      revision: 0,
      position: expect.stringMatching(/^\d+$/),
    });
  });

  it('answers a refusal of the domain with 409, its name and its code', async () => {
    const order = '{"orderId":"2","lines":[{"sku":"a","quantity":1}]}';
    await post('/orders', order);
    expect(await problemIn(await post('/orders', order))).toEqual({
      type: 'urn:gesta:problem:refused',
      title: 'Conflict',
      status: 409,
      detail: 'Order 2 was placed before',
      instance: '/orders',
      name: 'OrderAlreadyPlaced',
      code: 'ORD-1',
    });
  });

  it('lists every violation with its path, unknown fields too', async () => {
    const body = '{"lines":[{"sku":1,"quantity":0.5},{"sku":"a","quantity":1,"gift":true}],"admin":true}';
    expect(await problemIn(await post('/orders', body))).toEqual({
      type: 'urn:gesta:problem:invalid-request',
      title: 'Bad Request',
      status: 400,
      detail: 'The request breaks 5 rules',
      instance: '/orders',
      violations: [
        { field: 'admin', rules: ['property admin should not exist'] },
        { field: 'orderId', rules: ['orderId must be a string'] },
        { field: 'lines[0].sku', rules: ['sku must be a string'] },
        { field: 'lines[0].quantity', rules: ['quantity must be an integer number'] },
        { field: 'lines[1].gift', rules: ['property gift should not exist'] },
      ],
    });
  });

  it('lists what is wrong with a query', async () => {
    expect(await (await get('/orders')).json()).toEqual({ limit: 20 });
    expect(await problemIn(await get('/orders?limit=none&sort=up'))).toMatchObject({ status: 400 });
  });

  it('lists no more violations than anybody reads', async () => {
    const lines = JSON.stringify(Array.from({ length: 1_000 }, () => ({})));
    const problem = await problemIn(await post('/orders', `{"orderId":"1","lines":${lines}}`));
    expect(problem.detail).toBe('The request breaks 3000 rules; the first 1000 of 2000 are listed');
    expect(problem.violations).toHaveLength(1_000);
  });

  it('reads positions, and refuses what is none', async () => {
    expect(await (await get('/orders/after?position=0')).json()).toEqual({ position: '0' });
    expect(await (await get('/orders/optional')).json()).toEqual({ position: null });
    for (const position of ['', '-1', '1.5', '1e3', 'abc', '9223372036854775808', '1'.repeat(500)]) {
      expect(await problemIn(await get(`/orders/after?position=${position}`))).toMatchObject({
        status: 400,
        violations: [{ field: 'position', rules: ['position must be a position: a whole number from 0'] }],
      });
    }
  });

  it('says for good what the store never takes, and what no version can decide on', async () => {
    for (const [what, status, kind] of [
      ['tombstoned', 410, 'stream-tombstoned'],
      ['large', 413, 'append-too-large'],
      ['incomplete', 500, 'stream-incomplete'],
      ['unreadable', 503, 'unknown-event'],
    ] as const) {
      const problem = await problemIn(await get(`/orders/thrown/${what}`));
      expect(problem).toMatchObject({ status, type: `urn:gesta:problem:${kind}` });
      expect(problem.detail).not.toContain('s3cr3t');
    }
  });

  it('asks to try again when a read model is behind, the store is away or others were first', async () => {
    for (const { path, type } of [
      { path: '/orders/thrown/waiting', type: 'urn:gesta:problem:too-many-waiting' },
      { path: '/orders/after?position=9223372036854775807', type: 'urn:gesta:problem:read-model-behind' },
      { path: '/orders/thrown/store', type: 'urn:gesta:problem:store-unavailable' },
      { path: '/orders/thrown/conflict', type: 'urn:gesta:problem:concurrency-conflict' },
    ]) {
      const response = await get(path);
      expect(response.headers.get('retry-after')).toBe('1');
      const problem = await problemIn(response);
      expect(problem).toMatchObject({ status: 503, type });
      expect(JSON.stringify(problem)).not.toContain('s3cr3t');
    }
  });

  it.each(['unknown', 'string'])('shows nothing of the inside when what is thrown is %s, and logs it', async (what) => {
    logged.length = 0;
    const response = await get(`/orders/thrown/${what}?token=s3cr3t`);
    expect(await problemIn(response)).toEqual({
      type: 'about:blank',
      title: 'Internal Server Error',
      status: 500,
      detail: 'Something went wrong here; it was logged',
      instance: `/orders/thrown/${what}`,
    });
    const [message, stack] = logged[0] as string[];
    expect(message).toContain(`GET /orders/thrown/${what} ended with 500`);
    expect(message).toContain(response.headers.get('x-correlation-id'));
    expect(message).toContain('s3cr3t');
    expect(message).not.toContain('token');
    if (what === 'unknown') expect(stack).toContain('http-problems.spec');
  });

  it('gives what developers throw in the form of a problem', async () => {
    expect(await problemIn(await get('/orders/thrown/forbidden'))).toEqual({
      type: 'about:blank',
      title: 'Forbidden',
      status: 403,
      detail: 'Not yours',
      instance: '/orders/thrown/forbidden',
    });
    expect(await problemIn(await get('/orders/thrown/custom'))).toMatchObject({
      status: 503,
      info: 1,
      error: { database: 'down' },
    });
    expect(await problemIn(await get('/orders/thrown/middleware'))).toMatchObject({
      status: 429,
      detail: 'Too many requests',
    });
  });

  it('knows no such route', async () => {
    expect(await problemIn(await get('/nowhere?a=b'))).toMatchObject({ status: 404, instance: '/nowhere' });
    expect(await problemIn(await fetch(`${url}/orders`, { method: 'DELETE' }))).toMatchObject({ status: 404 });
  });

  it.each([
    { what: 'that is no JSON', body: '{"orderId":', status: 400 },
    { what: 'that is a text', body: '"order"', status: 400 },
    { what: 'that is an array', body: '[1,2]', status: 400 },
    { what: 'that is empty', body: '', status: 400 },
    { what: 'with an array for an object', body: '{"orderId":"1","lines":[[1]]}', status: 400 },
    { what: 'with an object for an array', body: '{"orderId":"1","lines":{"length":3}}', status: 400 },
    { what: 'with null for everything', body: '{"orderId":null,"lines":null}', status: 400 },
    { what: 'with __proto__', body: '{"__proto__":{"orderId":"1","lines":[]}}', status: 400 },
    {
      what: 'with a __proto__ within',
      body: '{"orderId":"1","lines":[{"__proto__":{"sku":"a","quantity":1}}]}',
      status: 400,
    },
    {
      what: 'with toString',
      body: '{"orderId":{"toString":1},"lines":[{"sku":{"valueOf":1},"quantity":{}}]}',
      status: 400,
    },
    { what: 'with a number too large', body: '{"orderId":"1","lines":[{"sku":"a","quantity":1e400}]}', status: 400 },
    { what: 'with half a character', body: '{"orderId":"\\ud800","lines":[{"sku":"a","quantity":1}]}', status: 400 },
    { what: 'with NUL in an id', body: '{"orderId":"a\\u0000b","lines":[{"sku":"a","quantity":1}]}', status: 400 },
    { what: 'with an empty id', body: '{"orderId":"","lines":[{"sku":"a","quantity":1}]}', status: 400 },
    {
      what: 'with an id too long',
      body: `{"orderId":"${'x'.repeat(600)}","lines":[{"sku":"a","quantity":1}]}`,
      status: 400,
    },
    { what: 'nested deeply', body: `{"orderId":${'['.repeat(30_000)}${']'.repeat(30_000)}}`, status: 400 },
    { what: 'nested deeply in objects', body: `${'{"a":'.repeat(9_000)}1${'}'.repeat(9_000)}`, status: 400 },
    { what: 'too large', body: JSON.stringify({ orderId: 'x'.repeat(103_000) }), status: 413 },
  ])('takes no body $what', async ({ body, status }) => {
    expect(await problemIn(await post('/orders', body))).toMatchObject({ status });
  });

  it.each([
    { what: 'free-form fields that mean something to JavaScript', body: '{"toString":1,"then":{"a":1},"valueOf":2}' },
    { what: 'a number at the edge', body: '{"n":1.7976931348623157e308,"m":-0}' },
    { what: 'an array', body: '[[],[{}]]' },
  ])('takes $what where no rules are', async ({ body }) => {
    expect((await post('/orders/anything', body)).status).toBe(201);
  });

  it.each([
    { what: 'at its top', body: '{"orderId":"9","lines":[{"sku":"a","quantity":1}],"constructor":{"name":1}}' },
    { what: 'within', body: '{"orderId":"9","lines":[{"sku":"a","quantity":1,"prototype":1}]}' },
    { what: 'where no rules are', body: '[[{"__proto__":1}]]', path: '/orders/anything' },
    { what: 'in other letters', body: '{"\\u005f_proto__":1}', path: '/orders/anything' },
  ])('takes no body that says of which class it is, $what', async ({ body, path = '/orders' }) => {
    expect(await problemIn(await post(path, body))).toMatchObject({
      type: 'urn:gesta:problem:body-refused',
      status: 400,
      rule: 'field',
      limit: ['__proto__', 'constructor', 'prototype'],
    });
  });

  it.each([
    { what: 'elements', body: `[${'1,'.repeat(1_000)}1]`, rule: 'maxElements', limit: 1_000 },
    { what: 'empty objects', body: `{"lines":[${'{},'.repeat(20_000)}{}]}`, rule: 'maxElements', limit: 1_000 },
    { what: 'fields', body: fieldsIn(251), rule: 'maxFields', limit: 250 },
    { what: 'values in arrays in arrays', body: arraysIn(10, 600), rule: 'maxValues', limit: 5_000 },
    { what: 'values in objects in arrays', body: `[${arrayOf(30, fieldsIn(200))}]`, rule: 'maxValues', limit: 5_000 },
    { what: 'empty arrays in arrays', body: arraysIn(6, 999, '[]'), rule: 'maxValues', limit: 5_000 },
  ])('looks at no body of too many $what', async ({ body, rule, limit }) => {
    for (const path of ['/orders', '/orders/anything']) {
      expect(await problemIn(await post(path, body))).toMatchObject({
        type: 'urn:gesta:problem:body-too-large',
        status: 413,
        rule,
        limit,
      });
    }
  });

  it('says how long a body may be', async () => {
    expect(await problemIn(await post('/orders', `"${'x'.repeat(65_536)}"`))).toMatchObject({
      type: 'urn:gesta:problem:body-too-large',
      status: 413,
      rule: 'bodyLimit',
      limit: 65_536,
    });
  });

  it.each([
    { what: 'charset', headers: { 'content-type': 'application/json; charset=klingon' }, status: 415 },
    { what: 'encoding', headers: { 'content-encoding': 'lzma' }, status: 415 },
    { what: 'compression', headers: { 'content-encoding': 'gzip' }, status: 400 },
    { what: 'media type', headers: { 'content-type': 'application/xml' }, status: 415 },
    { what: 'form of another site', headers: { 'content-type': 'text/plain' }, status: 415 },
    { what: 'form', headers: { 'content-type': 'application/x-www-form-urlencoded' }, status: 415 },
    { what: 'type that is none', headers: { 'content-type': '' }, status: 415 },
    { what: 'charset of JSON', headers: { 'content-type': 'application/json; charset=utf-16' }, status: 415 },
    {
      what: 'second charset',
      headers: { 'content-type': 'application/json; charset=utf-8; Charset = "utf-16le"' },
      status: 415,
    },
  ])('takes no body in an unknown $what', async ({ headers, status }) => {
    expect(await problemIn(await post('/orders', '{"orderId":"1"}', headers as never))).toMatchObject({
      status,
    });
  });

  it('takes JSON that says of itself that it is UTF-8, and is', async () => {
    for (const charset of ['utf-8', 'UTF-8', '"utf-8"']) {
      const type = { 'content-type': `application/json; charset=${charset}` };
      expect((await post('/orders/anything', '{"a":"ä"}', type)).status).toBe(201);
    }
    const headers = { 'content-type': 'application/json' };
    const latin = await fetch(`${url}/orders/anything`, {
      method: 'POST',
      headers,
      body: Buffer.from('{"a":"ä"}', 'latin1'),
    });
    expect(await problemIn(latin)).toMatchObject({ status: 400, rule: 'charset', limit: ['utf-8'] });
  });

  it('asks for no type where there is no body', async () => {
    const headers = { 'content-type': 'text/plain' };
    expect((await fetch(`${url}/orders/anything`, { method: 'POST', headers })).status).toBe(201);
  });

  it.each([
    { what: 'half a character', path: '/orders/%E0%A4%A' },
    { what: 'NUL', path: '/orders/%00' },
    { what: 'a new line', path: '/orders/a%0Ab' },
    { what: 'an id too long', path: `/orders/${'x'.repeat(600)}` },
    { what: 'no text at all', path: '/orders/%ff' },
  ])('blames the request for a path with $what', async ({ path }) => {
    expect(await problemIn(await get(path))).toMatchObject({ status: 400 });
  });

  it('blames itself for no request, whatever is in it', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('__proto__', 'constructor', 'then', 'toJSON', '$where', 'a.b'),
    );
    const { json } = fc.letrec((tie) => ({
      json: fc.oneof(
        { maxDepth: 4 },
        text,
        fc.double(),
        fc.constantFrom(null, true, 1e308, -1),
        fc.array(tie('json'), { maxLength: 4 }),
        fc.array(fc.tuple(text, tie('json')), { maxLength: 4 }).map((fields) => Object.fromEntries(fields)),
      ),
    }));
    const order = fc.record({
      orderId: fc.oneof(text, json),
      lines: fc.oneof(json, fc.array(fc.record({ sku: json, quantity: json }))),
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(order, json), text, async (body, id) => {
        const responses = await Promise.all([
          post('/orders', JSON.stringify(body)),
          post('/orders/anything', JSON.stringify(body)),
          get(`/orders/${encodeURIComponent(id.toWellFormed())}`),
          get(`/orders?limit=${encodeURIComponent(id.toWellFormed())}`),
        ]);
        for (const response of responses) {
          expect(response.status).toBeLessThan(500);
          await response.arrayBuffer();
        }
      }),
      { numRuns: 100 },
    );
  }, 30_000);

  it('waits for nobody who is gone', async () => {
    const waiting = await Test.createTestingModule({
      imports: [GestaModule.forRoot({ adapters: [memory()], autoStart: false }), GestaModule.forFeature([Order])],
      providers: [Orders],
      controllers: [OrderController],
    }).compile();
    const behind = configureHttp(waiting.createNestApplication(await adapter(), { logger: false }));
    await behind.listen(0, '127.0.0.1');
    await waiting.get(CommandBus).execute(new PlaceOrder('1', []));
    logged.length = 0;
    const leaving = new AbortController();
    const [begun, ended] = [once(waits, 'begun'), once(waits, 'ended')];
    const asked = fetch(`${await behind.getUrl()}/orders/behind`, { signal: leaving.signal }).catch(() => 'left');
    await begun;
    leaving.abort();
    expect(await asked).toBe('left');
    expect((await ended)[0]).toMatchObject({ name: 'ClientGone' });
    await behind.close();
    expect(logged).toEqual([]);
  });

  it('survives requests that are hardly HTTP', async () => {
    const { port } = new URL(url);
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.end('GET //%%%?%%=%ff HTTP/1.1\r\nhost: x\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (data) => (text += data.toString()));
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 4\d\d/);
  });

  it('lets events be found by the correlation of their request', async () => {
    const response = await post('/orders', '{"orderId":"7","lines":[{"sku":"a","quantity":1}]}', {
      'x-correlation-id': 'req-7',
      traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    });
    expect(response.headers.get('x-correlation-id')).toBe('req-7');
    for await (const [placed] of app.get<EventStore>(EVENT_STORE).readStream('ordering.order-7')) {
      expect(placed!.headers).toMatchObject({
        correlationId: 'req-7',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      });
    }
  });

  it('gives a request a correlation id of its own when it has none that could be kept', async () => {
    for (const headers of [{}, { 'x-correlation-id': 'a b' }, { 'x-correlation-id': 'x'.repeat(200) }]) {
      const response = await post('/orders', 'no JSON', headers as Record<string, string>);
      expect(response.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
    }
  });
});

describe.each(PLATFORMS)('configureHttp on $platform', ({ platform, adapter }) => {
  const created = async () => {
    const compiled = await Test.createTestingModule({ imports: [AppModule] }).compile();
    return compiled.createNestApplication(await adapter(), { logger: false });
  };
  const opened = async (options: HttpOptions, before: (app: INestApplication) => void = () => undefined) => {
    const app = await created();
    before(app);
    await configureHttp(app, options).listen(0, '127.0.0.1');
    const url = `${await app.getUrl()}/orders/anything`;
    const post = async (body: string, type = 'application/json', query = '') =>
      (await fetch(url + query, { method: 'POST', headers: { 'content-type': type }, body })).status;
    return { app, post };
  };

  it('takes larger bodies when it is told to', async () => {
    const { app, post } = await opened({ bodyLimit: '1mb', maxElements: 3_000, maxDepth: 2, maxFields: 1 });
    expect(await post(JSON.stringify({ note: 'x'.repeat(500_000) }))).toBe(201);
    expect(await post(`{"a":[${arrayOf(3_000, '1')}]}`)).toBe(201);
    expect(await post(`{"a":[${arrayOf(3_001, '1')}]}`)).toBe(413);
    expect(await post('{"a":[[1]]}')).toBe(400);
    expect(await post(fieldsIn(2))).toBe(413);
    await app.close();
  });

  it('leaves bodies of types that the application names to its own parsers', async () => {
    const { app, post } = await opened({ contentTypes: ['Text/CSV'] }, (made) => {
      const parsed = made as unknown as { useBodyParser(type: string, options: object): void };
      if (platform === 'Fastify') parsed.useBodyParser('text/csv', {});
      else parsed.useBodyParser('text', { type: 'text/csv' });
    });
    expect(await post('a;b', 'text/csv; charset=utf-8')).toBe(201);
    expect(await post('a;b', 'text/csv; charset=latin1')).toBe(415);
    expect(await post('a;b', 'text/plain')).toBe(415);
    await app.close();
  });

  it('gives bytes to requests that send bytes, and takes nothing else of them, nor bytes of others', async () => {
    const { app, post } = await opened({
      rawBodies: [{ types: ['Text/CSV'], limit: 5, of: ({ url }) => url === '/orders/anything?as=csv' }],
    });
    const csv = '?as=csv';
    expect(await post('a;b', 'text/csv', csv)).toBe(201);
    expect(await post('a;b;c;', 'text/csv', csv)).toBe(413);
    expect(await post('{}', 'application/json', csv)).toBe(415);
    expect(await post('a;b', 'text/csv')).toBe(415);
    expect(await post('{"a":1}', 'application/json')).toBe(201);
    await app.close();
  });

  it.each([{ maxValues: 0 }, { maxElements: NaN }, { maxFields: -1 }, { maxDepth: 'deep' as never }])(
    'takes no limit that would be none: %j',
    async (options) => {
      const app = await created();
      expect(() => configureHttp(app, options)).toThrow(
        `${Object.keys(options)[0]} of configureHttp must be a number from 1`,
      );
      await app.close();
    },
  );
});
