import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { memory, type EventStore } from '@gesta/core';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { configureHttp, EVENT_STORE, GestaModule } from '@gesta/nestjs';
import { StockReceived, StockReserved } from '@marketplace/inventory/contract';
import { Module, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import fc from 'fast-check';
import { CatalogCommandModule } from '../catalog.command.module.js';
import { CatalogQueryModule } from '../catalog.query.module.js';
import { jpegOf, pngOf, webpOf } from '../pictures/example/pictures.js';
import { FolderStorage } from '../pictures/folder-storage.js';
import { ObjectStorage } from '../pictures/object-storage.js';
import { MAX_PICTURE_BYTES } from '../pictures/picture.js';
import { PICTURE_BODIES } from './picture-bodies.js';

@Module({ imports: [GestaModule.forRoot({ adapters: [memory()] }), CatalogCommandModule, CatalogQueryModule] })
class CatalogApp {}

const PRODUCTS = '/api/catalog/products';
const price = { amount: 4_950, currency: 'EUR' };
const chair = { sku: 'chair-oak', name: 'Oak chair', category: 'furniture', price };

interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: any; // oxlint-disable-line typescript/no-explicit-any -- what is answered is what is tested
}

describe('the catalog over HTTP', () => {
  let app: INestApplication;
  let url: string;
  let events: EventStore;
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'catalog-'));
    const testing = Test.createTestingModule({ imports: [CatalogApp] })
      .overrideProvider(ObjectStorage)
      .useValue(new FolderStorage(folder));
    app = (await testing.compile()).createNestApplication();
    await configureHttp(app, { rawBodies: [PICTURE_BODIES] }).listen(0, '127.0.0.1');
    url = await app.getUrl();
    events = app.get<EventStore>(EVENT_STORE);
  });
  afterAll(async () => {
    await app.close();
    await rm(folder, { recursive: true });
  });

  async function ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const content = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const response = await fetch(url + path, {
      method,
      headers: { ...(content !== undefined && { 'content-type': 'application/json' }), ...headers },
      ...(content !== undefined && { body: content }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }
  const post = (path: string, body?: unknown, headers?: Record<string, string>) =>
    ask('POST', PRODUCTS + path, body, headers);
  const get = (path: string) => ask('GET', PRODUCTS + path);

  let made = 0;
  /** Lists a product of its own. */
  async function listed(fields: object = {}): Promise<{ sku: string; position: string }> {
    const { status, body } = await post('', { ...chair, sku: `sku-${made++}`, ...fields });
    expect(status).toBe(201);
    return body;
  }

  it('lists a product, which can be looked at once it is there', async () => {
    const answer = await post('', { ...chair, description: 'It creaks' });
    expect(answer).toMatchObject({ status: 201, body: { sku: 'chair-oak', position: expect.stringMatching(/^\d+$/) } });
    expect(answer.headers.get('location')).toBe(`${PRODUCTS}/chair-oak`);
    const { status, body } = await get(`/chair-oak?after=${answer.body.position}`);
    expect(status).toBe(200);
    expect(body).toEqual({
      ...chair,
      description: 'It creaks',
      weightGrams: 500,
      status: 'listed',
      available: 0,
      listedAt: expect.any(String),
      updatedAt: expect.any(String),
    });
  });

  it('lists a sku once, also under a race', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, index) => post('', { ...chair, sku: 'raced', name: `${index}` })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409, 409, 409, 409, 409, 409]);
    for (const { body } of answers.filter(({ status }) => status === 409)) {
      expect(body).toMatchObject({ status: 409, name: 'ProductAlreadyListed' });
    }
    const won = answers.findIndex(({ status }) => status === 201);
    const { body } = await get(`/raced?after=${answers[won]!.body.position}`);
    expect(body.name).toBe(`${won}`);
  });

  it('gives a repeat under one key the first answer', async () => {
    const key = { 'idempotency-key': 'list-1' };
    const first = await post('', { ...chair, sku: 'keyed' }, key);
    const again = await post('', { ...chair, sku: 'keyed' }, key);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(await post('', { ...chair, sku: 'keyed', name: 'Other' }, key)).toMatchObject({ status: 422 });
  });

  it('reprices, describes, delists and lists again', async () => {
    const { sku } = await listed();
    expect(await post(`/${sku}/price`, { price: { amount: 1, currency: 'EUR' } })).toMatchObject({ status: 200 });
    const described = await post(`/${sku}/describe`, { name: 'Old chair', category: 'garden', weightGrams: 9 });
    expect(described).toMatchObject({ status: 200, body: { sku } });
    expect((await get(`/${sku}?after=${described.body.position}`)).body).toMatchObject({
      name: 'Old chair',
      category: 'garden',
      weightGrams: 9,
      price: { amount: 1, currency: 'EUR' },
    });
    const delisted = await post(`/${sku}/delist`);
    expect(delisted).toMatchObject({ status: 200, body: { sku } });
    expect(await post(`/${sku}/delist`)).toMatchObject({ status: 200 });
    expect((await get(`/${sku}?after=${delisted.body.position}`)).body).toMatchObject({ status: 'delisted' });
    for (const [path, body] of [
      ['price', { price }],
      ['describe', { name: 'x' }],
    ] as const) {
      expect(await post(`/${sku}/${path}`, body)).toMatchObject({ status: 409, body: { name: 'ProductNotListed' } });
    }
    const again = await post('', { ...chair, sku });
    expect(again.status).toBe(201);
    expect((await get(`/${sku}?after=${again.body.position}`)).body).toMatchObject({
      status: 'listed',
      name: 'Oak chair',
    });
  });

  it('shows how many can be ordered, as inventory tells it', async () => {
    const { sku } = await listed();
    const fact = (id: string, type: string, data: StockReceived | StockReserved) => ({
      id,
      type,
      version: 1,
      headers: {},
      data: { ...data },
    });
    const { position } = await events.append(
      `inventory.item-${sku}`,
      [
        fact(`${sku}-1`, 'inventory.stock-received', { sku, quantity: 10 }),
        fact(`${sku}-2`, 'inventory.stock-reserved', { sku, orderId: 'a', quantity: 3, reservation: 1 }),
      ],
      { expected: 'no-stream' },
    );
    expect((await get(`/${sku}?after=${position}`)).body).toMatchObject({ sku, available: 7 });
  });

  it('finds products by words, kind and price, page by page', async () => {
    const skus: string[] = [];
    let position = '';
    for (const [index, name] of ['Théière', 'Theiere Noire', 'Bouilloire'].entries()) {
      const made = await listed({ name, category: 'toys', price: { amount: 10 * index, currency: 'EUR' } });
      skus.push(made.sku);
      position = made.position;
    }
    await get(`/${skus[2]}?after=${position}`);
    const found = async (query: string) =>
      (await get(`?category=toys&${query}`)).body.items.map(({ sku }: { sku: string }) => sku);
    expect(await found('q=thei')).toEqual([skus[0], skus[1]]);
    expect(await found('q=noire%20theiere')).toEqual([skus[1]]);
    expect(await found('minPrice=10&maxPrice=19')).toEqual([skus[1]]);
    expect(await found('sort=name')).toEqual([skus[2], skus[0], skus[1]]);
    const first = (await get('?category=toys&sort=price&limit=2')).body;
    const second = await found(`sort=price&limit=2&cursor=${first.next}`);
    expect([...first.items.map(({ sku }: { sku: string }) => sku), ...second]).toEqual(skus);
  });

  it.each([
    ['/nobody-knows-it', 404],
    ['/a%20b', 400],
    ['/%00', 400],
    ['/x?after=-1', 400],
    ['?limit=0', 400],
    ['?limit=201', 400],
    ['?limit=', 400],
    ['?limit=1e2', 400],
    ['?minPrice=-1', 400],
    ['?minPrice=1.5', 400],
    ['?minPrice=9007199254740993', 400],
    ['?minPrice=1&minPrice=2', 400],
    ['?minPrice=5&maxPrice=4', 400],
    ['?maxPrice[$gt]=0', 400],
    ['?category=weapons', 400],
    ['?category=toys&category=food', 400],
    ['?category[$ne]=x', 400],
    ['?currency=EURO', 400],
    ['?sort=weight', 400],
    ['?sort=relevance', 400],
    ['?sort=constructor', 400],
    ['?cursor=nonsense', 400],
    [`?sort=price&cursor=${Buffer.from('["name","x"]').toString('base64url')}`, 400],
    [`?q=${'a'.repeat(101)}`, 400],
    ['?q=a+b+c+d+e+f+g+h+i+j+k', 400],
    ['?q[$regex]=a', 400],
    ['?q=a&q=b', 400],
    ['?page=2', 400],
  ])('answers GET %s with %i', async (path, status) => {
    const answer = await get(path);
    expect(answer).toMatchObject({ status, body: { status } });
    expect(answer.headers.get('content-type')).toMatch(/application\/problem\+json/);
  });

  it.each(['price', 'describe', 'delist'])('answers a %s of what was never listed with 404', async (path) => {
    const body = path === 'delist' ? undefined : { price, name: 'x' };
    const asked = path === 'price' ? { price } : path === 'describe' ? { name: 'x' } : body;
    expect(await post(`/never-listed/${path}`, asked)).toMatchObject({ status: 404, body: { status: 404 } });
  });

  it('names the field and the rule', async () => {
    const { status, body } = await post('', {
      ...chair,
      name: '  ',
      price: { amount: -1, currency: 'EUR' },
      weightGrams: 0,
    });
    expect(status).toBe(400);
    expect(body.violations.map(({ field }: { field: string }) => field).sort()).toEqual([
      'name',
      'price.amount',
      'weightGrams',
    ]);
  });

  describe('given a picture', () => {
    const put = async (sku: string, bytes: Uint8Array, type = 'image/png', headers: Record<string, string> = {}) => {
      const response = await fetch(`${url}${PRODUCTS}/${sku}/picture`, {
        method: 'PUT',
        headers: { 'content-type': type, ...headers },
        body: new Uint8Array(bytes),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Answer['body'] };
    };
    const nameOf = (bytes: Buffer, type: string) => `${createHash('sha256').update(bytes).digest('hex')}.${type}`;
    const files = async () => (await readdir(folder, { recursive: true })).length;

    it.each([
      ['png', 'image/png', pngOf(30, 20)],
      ['jpg', 'image/jpeg', jpegOf(30, 20)],
      ['webp', 'image/webp', webpOf(30, 20)],
    ])('shows it, a %s, for as long as one likes', async (type, mediaType, bytes) => {
      const { sku } = await listed();
      const given = await put(sku, bytes, 'application/octet-stream');
      const name = nameOf(bytes, type);
      expect(given).toMatchObject({ status: 200, body: { sku, picture: name, position: expect.any(String) } });
      const { picture } = (await get(`/${sku}?after=${given.body.position}`)).body;
      expect(picture).toEqual({
        name,
        url: `/api/catalog/pictures/${name}`,
        width: 30,
        height: 20,
        bytes: bytes.length,
      });
      for (const path of [picture.url, `${PRODUCTS}/${sku}/picture`]) {
        const shown = await fetch(url + path);
        expect(Buffer.from(await shown.arrayBuffer())).toEqual(bytes);
        expect(shown.status).toBe(200);
        expect(shown.headers.get('content-type')).toBe(mediaType);
        expect(shown.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
        expect(shown.headers.get('x-content-type-options')).toBe('nosniff');
        const etag = shown.headers.get('etag')!;
        const again = await fetch(url + path, {
          headers: { 'if-none-match': `"other", W/${etag}` },
          redirect: 'manual',
        });
        expect(again.status).toBe(304);
      }
    });

    it('leads from the product to the picture that it has now', async () => {
      const { sku } = await listed();
      await put(sku, pngOf(1, 1));
      const { body } = await put(sku, pngOf(1, 2));
      const led = await fetch(`${url}${PRODUCTS}/${sku}/picture?after=${body.position}`, { redirect: 'manual' });
      expect(led.status).toBe(302);
      expect(led.headers.get('location')).toBe(`/api/catalog/pictures/${nameOf(pngOf(1, 2), 'png')}`);
      expect(led.headers.get('cache-control')).toBe('no-cache');
    });

    it('takes a repeat for one', async () => {
      const { sku } = await listed();
      const key = { 'idempotency-key': 'picture-1' };
      const first = await put(sku, pngOf(5, 5), 'image/png', key);
      expect(await put(sku, pngOf(5, 5), 'image/png', key)).toMatchObject({ status: 200, body: first.body });
      expect(await put(sku, pngOf(5, 6), 'image/png', key)).toMatchObject({ status: 422 });
      expect(await put(sku, pngOf(5, 5))).toMatchObject({ status: 200 });
    });

    it('refuses it for what is not there or not listed', async () => {
      expect(await put('never-listed', pngOf(1, 1))).toMatchObject({ status: 404, body: { status: 404 } });
      const { sku } = await listed();
      expect(await ask('GET', `${PRODUCTS}/${sku}/picture`)).toMatchObject({ status: 404 });
      await post(`/${sku}/delist`);
      expect(await put(sku, pngOf(1, 1))).toMatchObject({ status: 409, body: { name: 'ProductNotListed' } });
    });

    it.each([
      ['no PNG at all', 415, 'image/png', Buffer.from('<svg/>')],
      ['a type that is not taken', 415, 'image/gif', Buffer.from('GIF89a')],
      ['JSON', 415, 'application/json', Buffer.from('{}')],
      ['no type', 415, '', pngOf(1, 1)],
      ['nothing', 400, 'image/png', Buffer.alloc(0)],
      ['half a picture', 400, 'image/png', pngOf(1, 1).subarray(0, 20)],
      ['a side too long', 400, 'image/png', pngOf(8_001, 1)],
      ['too many bytes', 413, 'image/png', Buffer.concat([pngOf(1, 1), Buffer.alloc(MAX_PICTURE_BYTES)])],
    ])('refuses %s with %i, and keeps nothing', async (_what, status, type, bytes) => {
      const { sku } = await listed();
      const before = await files();
      const answer = await put(sku, bytes, type);
      expect(answer).toMatchObject({ status, body: { status } });
      expect(answer.headers.get('content-type')).toMatch(/application\/problem\+json/);
      expect(await files()).toBe(before);
      expect((await get(`/${sku}`)).body).not.toHaveProperty('picture');
    });

    it('takes no picture where none belongs', async () => {
      const { sku } = await listed();
      const response = await fetch(`${url}${PRODUCTS}/${sku}/delist`, {
        method: 'POST',
        headers: { 'content-type': 'image/png' },
        body: new Uint8Array(pngOf(1, 1)),
      });
      expect(response.status).toBe(415);
    });

    it.each([
      [`/api/catalog/pictures/${'0'.repeat(64)}.png`, 404],
      [`/api/catalog/pictures/${'0'.repeat(64)}.svg`, 400],
      ['/api/catalog/pictures/..%2f..%2fetc%2fpasswd', 400],
      ['/api/catalog/products/never-listed/picture', 404],
      ['/api/catalog/products/a%20b/picture', 400],
    ])('answers GET %s with %i', async (path, status) => {
      expect(await ask('GET', path)).toMatchObject({ status, body: { status } });
    });
  });

  describe('given what is no request', () => {
    const end = async () => {
      let count = 0;
      for await (const batch of events.readAll()) count += batch.events.length;
      return count;
    };

    const operators = fc.constantFrom({ $gt: '' }, { $ne: null }, ['x'], [[]], { toString: 'x' }, 17, true, null);
    const noName = fc.oneof(operators, fc.constantFrom('', ' ', '\u00a0\t', 'n'.repeat(201)));
    const noSku = fc.oneof(operators, fc.constantFrom('', '-a', 'a b', 'a/b', '../a', 'ä', 'a'.repeat(65), 'a\u0000'));
    const noAmount = fc.oneof(
      operators.filter((value) => value !== 17),
      fc.constantFrom<unknown>(-1, 0.5, 2 ** 53, 1e300, '1', Number.MIN_SAFE_INTEGER),
      fc.integer({ max: -1 }),
    );
    const noCurrency = fc.oneof(operators, fc.constantFrom('', 'eur', 'EURO', 'ABC', '€'));
    const noPrice = fc.oneof(
      operators,
      fc.record({ amount: noAmount, currency: fc.constant('EUR') }),
      fc.record({ amount: fc.constant(1), currency: noCurrency }),
      fc.constantFrom({}, { amount: 1 }, { currency: 'EUR' }, { amount: 1, currency: 'EUR', $set: {} }),
    );
    const noCategory = fc.oneof(operators, fc.constantFrom('', 'Food', 'weapons', 'constructor', '__proto__'));
    const noWeight = fc.oneof(
      fc.constantFrom<unknown>(0, -1, 1.5, 1_000_001, 1e300, '5', '', {}, [], [5], true, { $gt: 0 }),
    );
    const noDescription = fc.constantFrom<unknown>({ $gt: '' }, ['x'], 17, true, 'd'.repeat(5_001));
    const broken = fc.oneof(
      fc.constantFrom('', '{', '[]', '"x"', 'null', '{"sku":', '{"__proto__":{}}', '{"price":1e999}', '\ufeff'),
      fc.json().map((text) => `[${text}]`),
      fc.string({ maxLength: 30 }).map((text) => `{${text}`),
    );
    const spoiled = (sound: object, wrong: Record<string, fc.Arbitrary<unknown>>) =>
      fc
        .oneof(...Object.entries(wrong).map(([field, value]) => value.map((each) => ({ ...sound, [field]: each }))))
        .map((body) => JSON.stringify(body));
    const more = { unasked: fc.constantFrom<unknown>(1, { $set: 1 }), ['$where']: fc.constant('1') };

    const requests: Record<string, fc.Arbitrary<readonly [path: string, body: string]>> = {
      listing: fc
        .oneof(
          broken,
          spoiled(chair, {
            sku: noSku,
            name: noName,
            category: noCategory,
            price: noPrice,
            weightGrams: noWeight,
            description: noDescription,
            ...more,
          }),
          fc
            .constantFrom('sku', 'name', 'category', 'price')
            .map((field) => JSON.stringify({ ...chair, [field]: undefined })),
        )
        .map((body) => ['', body]),
      repricing: fc
        .oneof(broken, spoiled({ price }, { price: noPrice, ...more }))
        .map((body) => ['/victim/price', body]),
      describing: fc
        .oneof(
          broken,
          fc.constant('{}'),
          spoiled(
            { name: 'x' },
            {
              name: noName.filter((name) => name !== null),
              category: noCategory.filter((category) => category !== null),
              weightGrams: noWeight,
              description: noDescription,
              ...more,
            },
          ),
        )
        .map((body) => ['/victim/describe', body]),
      'anything at a path that is none': fc
        .tuple(
          noSku.filter((sku) => typeof sku === 'string' && !['', '../a', 'a/b'].includes(sku)),
          fc.constantFrom(['price', { price }], ['describe', { name: 'x' }], ['delist', {}]),
        )
        .map(([sku, [path, body]]) => [
          `/${encodeURIComponent(sku as string)}/${path as string}`,
          JSON.stringify(body),
        ]),
    };

    it.each(Object.keys(requests))('as %s, answers with a 4xx problem and records nothing', async (kind) => {
      await post('', { ...chair, sku: 'victim' });
      const before = await end();
      await fc.assert(
        fc.asyncProperty(requests[kind]!, async ([path, body]) => {
          const answer = await post(path, body);
          expect(answer.status).toBeGreaterThanOrEqual(400);
          expect(answer.status).toBeLessThan(500);
          expect(answer.headers.get('content-type')).toMatch(/application\/problem\+json/);
          expect(answer.body.status).toBe(answer.status);
        }),
        { numRuns: 60 },
      );
      expect(await end()).toBe(before);
    });

    it('refuses what is too large', async () => {
      const before = await end();
      expect(await post('', { ...chair, description: 'd'.repeat(100_000) })).toMatchObject({ status: 413 });
      expect(await post('', `{"sku":${'['.repeat(40)}${']'.repeat(40)}}`)).toMatchObject({ status: 400 });
      expect(await end()).toBe(before);
    });
  });
});
