import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RunningMarketplace } from './running-marketplace.js';
import { waitUntil } from './wait-until.js';

const price = { amount: 1_999, currency: 'EUR' };
const order = (sku: string, quantity = 1) => ({ customerId: 'ada', lines: [{ sku, quantity, unitPrice: price }] });

/**
 * What the marketplace does over HTTP, however its processes are cut and wherever they store.
 * @param start starts it with its data in the folder
 */
export function marketplaceBehaviour(start: (folder: string) => Promise<RunningMarketplace>): void {
  let folder: string;
  let marketplace: RunningMarketplace;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'marketplace-'));
    marketplace = await start(folder);
  }, 60_000);
  afterAll(async () => {
    await marketplace?.end('SIGKILL');
    await rm(folder, { recursive: true });
  });

  const orderOf = async (orderId: string) => (await marketplace.get(`/api/ordering/orders/${orderId}`)).body;
  const stockOf = async (sku: string) => (await marketplace.get(`/api/inventory/items/${sku}`)).body;
  const untilStatus = (orderId: string, status: string) =>
    waitUntil(`${orderId} is ${status}`, async () => (await orderOf(orderId)).status === status);

  async function shelve(sku: string, quantity: number): Promise<void> {
    const { status } = await marketplace.post(`/api/inventory/items/${sku}/receipts`, { quantity });
    expect(status).toBe(201);
  }

  it('confirms an order for which there is stock, and takes the stock', async () => {
    await shelve('tea', 10);
    const placed = await marketplace.post('/api/ordering/orders', order('tea', 3));
    expect(placed).toMatchObject({
      status: 201,
      body: { orderId: expect.any(String), position: expect.stringMatching(/^\d+$/) },
    });
    const { orderId } = placed.body;
    expect(placed.headers.get('location')).toBe(`/api/ordering/orders/${orderId}`);
    await untilStatus(orderId, 'confirmed');
    expect(await orderOf(orderId)).toMatchObject({
      orderId,
      customerId: 'ada',
      lines: [{ sku: 'tea', quantity: 3, unitPrice: price }],
      total: { amount: 5_997, currency: 'EUR' },
    });
    expect(await stockOf('tea')).toEqual({ sku: 'tea', onHand: 7, reserved: 0, available: 7 });
  });

  it('rejects an order for which there is not enough, and keeps the rest of its lines for others', async () => {
    await shelve('cup', 5);
    await shelve('pot', 1);
    const lines = ['cup', 'pot'].map((sku) => ({ sku, quantity: 2, unitPrice: price }));
    const { body } = await marketplace.post('/api/ordering/orders', { customerId: 'bob', lines });
    await untilStatus(body.orderId, 'rejected');
    expect((await orderOf(body.orderId)).reason).toMatch(/pot/);
    await waitUntil('the cups are free again', async () => (await stockOf('cup')).available === 5);
  });

  it('gives the stock of a cancelled order back', async () => {
    await shelve('jam', 4);
    const { body } = await marketplace.post('/api/ordering/orders', order('jam', 4));
    await untilStatus(body.orderId, 'confirmed');
    const cancelled = await marketplace.post(`/api/ordering/orders/${body.orderId}/cancel`, { reason: 'too sweet' });
    expect(cancelled.status).toBeLessThan(300);
    await untilStatus(body.orderId, 'cancelled');
    await waitUntil('the jam is back', async () => (await stockOf('jam')).available === 4);
  });

  it('lets a customer read what they have just written', async () => {
    await shelve('ink', 100);
    for (let round = 0; round < 20; round++) {
      const { body } = await marketplace.post('/api/ordering/orders', order('ink'));
      const read = await marketplace.get(`/api/ordering/orders/${body.orderId}?after=${body.position}`);
      expect(read).toMatchObject({ status: 200, body: { orderId: body.orderId } });
    }
  });

  it('answers a repeated request with the first answer, and another request under its key with 422', async () => {
    const key = { 'idempotency-key': 'errand-1' };
    const first = await marketplace.post('/api/ordering/orders', order('tea'), key);
    const again = await marketplace.post('/api/ordering/orders', order('tea'), key);
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    const other = await marketplace.post('/api/ordering/orders', order('tea', 2), key);
    expect(other).toMatchObject({ status: 422, body: { status: 422 } });
    expect(other.headers.get('content-type')).toMatch(/application\/problem\+json/);
  });

  it('lists the orders of a customer page by page, the newest first', async () => {
    const placed: string[] = [];
    for (let count = 0; count < 5; count++) {
      const { body } = await marketplace.post('/api/ordering/orders', { ...order('tea'), customerId: 'cleo' });
      placed.unshift(body.orderId);
      await marketplace.get(`/api/ordering/orders/${body.orderId}?after=${body.position}`);
    }
    const listed: string[] = [];
    for (let path = '/api/ordering/orders?customerId=cleo&limit=2'; path !== '';) {
      const { status, body } = await marketplace.get(path);
      expect(status).toBe(200);
      listed.push(...body.items.map(({ orderId }: { orderId: string }) => orderId));
      path =
        body.next === undefined
          ? ''
          : `/api/ordering/orders?customerId=cleo&limit=2&cursor=${encodeURIComponent(body.next)}`;
    }
    expect(listed).toEqual(placed);
  });

  it.each([
    ['no body', ''],
    ['no JSON', '{"customerId":'],
    ['an array', '[]'],
    ['nothing of what is needed', '{}'],
    ['lines that are none', '{"customerId":"ada","lines":[]}'],
    ['a quantity of nothing', JSON.stringify(order('tea', 0))],
    ['half a tea', JSON.stringify(order('tea', 0.5))],
    ['a sku with a space', JSON.stringify(order('green tea'))],
    [
      'an unknown currency',
      JSON.stringify({
        customerId: 'ada',
        lines: [{ sku: 'tea', quantity: 1, unitPrice: { amount: 1, currency: 'TEA' } }],
      }),
    ],
    [
      'a sum past what is safe',
      JSON.stringify({
        customerId: 'ada',
        lines: [{ sku: 'tea', quantity: 1_000_000, unitPrice: { amount: 9e15, currency: 'EUR' } }],
      }),
    ],
    ['a field that is not asked for', JSON.stringify({ ...order('tea'), isAdmin: true })],
  ])('refuses an order with %s as a bad request', async (_what, body) => {
    const answer = await marketplace.post('/api/ordering/orders', body);
    expect(answer).toMatchObject({ status: 400, body: { status: 400, title: expect.any(String) } });
    expect(answer.headers.get('content-type')).toMatch(/application\/problem\+json/);
    expect(JSON.stringify(answer.body)).not.toMatch(/\.(ts|js):\d+/);
  });

  it('names every field that breaks its rules', async () => {
    const { status, body } = await marketplace.post('/api/ordering/orders', {
      customerId: '',
      lines: [{ sku: 'tea', quantity: -1, unitPrice: { amount: 1.5, currency: 'EUR' } }],
    });
    expect(status).toBe(400);
    const fields = body.violations.map(({ field }: { field: string }) => field);
    expect(fields).toEqual(expect.arrayContaining(['customerId', 'lines[0].quantity', 'lines[0].unitPrice.amount']));
  });

  it.each([
    ['/api/ordering/orders/nobody-knows-it', 404],
    ['/api/inventory/items/nobody-knows-it', 404],
    ['/api/nowhere', 404],
    ['/api/ordering/orders?limit=0', 400],
    ['/api/ordering/orders?limit=many', 400],
    ['/api/ordering/orders?customerId[$ne]=x', 400],
    ['/api/ordering/orders?customerId=a&customerId=b', 400],
    ['/api/ordering/orders?status=lost', 400],
    ['/api/ordering/orders?cursor=nonsense', 400],
    ['/api/ordering/orders/x?after=-1', 400],
    ['/api/ordering/orders/%E0%A4%A', 400],
    ['/api/ordering/orders/%00', 400],
  ])('answers %s with %i', async (path, status) => {
    const answer = await marketplace.get(path);
    expect(answer).toMatchObject({ status, body: { status } });
    expect(answer.headers.get('content-type')).toMatch(/application\/problem\+json/);
  });

  it('refuses what is too large with 413', async () => {
    const answer = await marketplace.post('/api/ordering/orders', { customerId: 'a'.repeat(2_000_000), lines: [] });
    expect(answer).toMatchObject({ status: 413, body: { status: 413 } });
  });

  it("answers a domain refusal with 409 and the refusal's name", async () => {
    const { body } = await marketplace.post('/api/ordering/orders', order('nobody-has-it'));
    await untilStatus(body.orderId, 'rejected');
    const refused = await marketplace.post(`/api/ordering/orders/${body.orderId}/cancel`);
    expect(refused).toMatchObject({ status: 409, body: { status: 409, name: expect.stringMatching(/^Order/) } });
    const again = await marketplace.post('/api/ordering/orders', { ...order('tea'), orderId: body.orderId });
    expect(again).toMatchObject({ status: 409, body: { name: 'OrderAlreadyPlaced' } });
  });

  it('says that it is live and ready', async () => {
    expect((await marketplace.get('/health/live')).status).toBe(200);
    expect((await marketplace.get('/health/ready')).status).toBe(200);
  });

  it('ends on SIGTERM after answering what it has in hand, and knows everything when it is back', async () => {
    const pending = Array.from({ length: 20 }, () =>
      marketplace.post('/api/ordering/orders', order('tea')).catch(() => undefined),
    );
    const first = await Promise.race(pending);
    expect(await marketplace.end('SIGTERM')).toBe(0);
    const answers = (await Promise.all(pending)).filter((answer) => answer !== undefined);
    expect(answers.every(({ status }) => status === 201)).toBe(true);
    await marketplace.restart();
    for (const { body } of answers) {
      expect(await orderOf(body.orderId)).toMatchObject({ orderId: body.orderId });
    }
    expect(first!.status).toBe(201);
  }, 60_000);

  it('knows what it has acknowledged after kill -9, and brings it to an end', async () => {
    await shelve('oil', 50);
    const answers = await Promise.all(
      Array.from({ length: 20 }, () => marketplace.post('/api/ordering/orders', order('oil'))),
    );
    await marketplace.end('SIGKILL');
    await marketplace.restart();
    for (const { body } of answers) await untilStatus(body.orderId, 'confirmed');
    expect(await stockOf('oil')).toEqual({ sku: 'oil', onHand: 30, reserved: 0, available: 30 });
  }, 60_000);
}
