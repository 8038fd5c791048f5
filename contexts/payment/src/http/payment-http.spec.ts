import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { memory, type CommandResult, type EventStore, type RecordedEvent } from '@gesta/core';
import { configureHttp, EVENT_STORE, GestaModule } from '@gesta/nestjs';
import type { INestApplication } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { Test } from '@nestjs/testing';
import { until } from '../../../../libs/core/test/until.js';
import { PaymentCallbacks } from '../callbacks/payment-callbacks.js';
import { AuthorisePayment, CapturePayment, RefundPayment, VoidPayment } from '../contract/payment-commands.js';
import { PaymentCommandModule } from '../payment.command.module.js';
import { PaymentQueryModule } from '../payment.query.module.js';
import type { PaymentView } from '../read-models/payment-view.projection.js';
import { PAYMENT_SETTINGS, paymentSettings } from '../provider/payment-settings.js';
import { SIGNATURE_HEADER } from '../provider/simulated/simulated-provider.js';
import { signed } from '../provider/signed-body.js';

const SECRET = 'the secret of the spec';
const amount = { amount: 1_999, currency: 'EUR' };
const nothing = { amount: 0, currency: 'EUR' };

describe('payment over HTTP, with the simulated provider', () => {
  let app: INestApplication;
  let url: string;
  let commands: CommandBus;
  let orders = 0;
  /** Another one for each. */
  let order: string;

  beforeAll(async () => {
    const stores = { adapters: [memory()], events: 'memory:', documents: 'memory:' };
    const settings = paymentSettings({
      MARKETPLACE_PAYMENT_ANSWER_MS: '1',
      MARKETPLACE_PAYMENT_SLOW_MS: '1000',
      MARKETPLACE_PAYMENT_TIMEOUT_MS: '300',
      MARKETPLACE_PAYMENT_CALLBACK_SECRET: SECRET,
    });
    const module = await Test.createTestingModule({
      imports: [GestaModule.forRoot(stores), PaymentCommandModule, PaymentQueryModule],
    })
      .overrideProvider(PAYMENT_SETTINGS)
      .useValue(settings)
      .compile();
    app = module.createNestApplication({ logger: false, rawBody: true });
    await configureHttp(app).listen(0, '127.0.0.1');
    url = await app.getUrl();
    commands = app.get(CommandBus);
  });
  afterAll(() => app.close());
  afterEach(() => void jest.restoreAllMocks());
  beforeEach(() => {
    order = `order-${++orders}`;
  });

  const execute = (command: object) => commands.execute<object, CommandResult>(command);
  const authorise = (orderId: string, token = 'tok_ok') => execute(new AuthorisePayment({ orderId, amount, token }));
  const payment = async (orderId: string): Promise<PaymentView> =>
    (await fetch(`${url}/api/payment/payments/${orderId}`)).json() as Promise<PaymentView>;
  const becomes = (orderId: string, status: string) =>
    until(`the payment of ${orderId} is ${status}`, async () => (await payment(orderId)).status === status);

  async function eventsOf(orderId: string): Promise<string[]> {
    const recorded: RecordedEvent[] = [];
    for await (const batch of app.get<EventStore>(EVENT_STORE).readStream(`payment.payment-${orderId}`)) {
      recorded.push(...batch);
    }
    return recorded.filter(({ type }) => !type.startsWith('gesta.')).map(({ type }) => type.slice('payment.'.length));
  }

  function callBack(body: object, { secret = SECRET, at = new Date(), provider = 'simulated' } = {}) {
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = { 'content-type': 'application/json', [SIGNATURE_HEADER]: signed(secret, bytes, at) };
    return fetch(`${url}/api/payment/callbacks/${provider}`, { method: 'POST', headers, body: bytes });
  }
  const authorisedBy = (orderId: string) => ({
    orderId,
    request: 'authorise',
    answer: { outcome: 'done', reference: 'sim_ok_1' },
  });

  it('authorises, captures and gives back in parts', async () => {
    await authorise(order);
    await becomes(order, 'authorised');
    expect(await payment(order)).toEqual({
      orderId: order,
      status: 'authorised',
      authorised: amount,
      captured: nothing,
      refunded: nothing,
    });
    await execute(new CapturePayment({ orderId: order }));
    await becomes(order, 'captured');
    const part = { amount: 999, currency: 'EUR' };
    await execute(new RefundPayment({ orderId: order, refundId: 'one', amount: part }));
    await until('a part is given back', async () => (await payment(order)).refunded.amount === 999);
    expect(await payment(order)).toMatchObject({ status: 'captured', captured: amount, refunded: part });
    await execute(new RefundPayment({ orderId: order, refundId: 'two', amount: { amount: 1_000, currency: 'EUR' } }));
    await becomes(order, 'refunded');
    expect(await payment(order)).toMatchObject({ captured: amount, refunded: amount });
  });

  it('says why a card was declined', async () => {
    await authorise(order, 'tok_declined');
    await becomes(order, 'declined');
    expect(await payment(order)).toMatchObject({ reason: 'CardDeclined', authorised: nothing });
  });

  it('lets go of what is held', async () => {
    await authorise(order);
    await becomes(order, 'authorised');
    await execute(new VoidPayment({ orderId: order }));
    await becomes(order, 'voided');
    expect(await payment(order)).toMatchObject({ authorised: amount, captured: nothing });
  });

  it('asks again where the answer was lost, and states it once', async () => {
    await authorise(order, 'tok_lost_answer');
    await becomes(order, 'authorised');
    expect(await eventsOf(order)).toEqual([
      'provider-asked',
      'outcome-unknown',
      'provider-asked',
      'payment-authorised',
    ]);
  });

  it.each([
    ['tok_callback_first', 2],
    ['tok_callback_twice', 4],
  ])('states once what %s has the provider say', async (token, calls) => {
    const callbacks = app.get(PaymentCallbacks);
    const take = callbacks.take.bind(callbacks);
    let taken = 0;
    jest.spyOn(callbacks, 'take').mockImplementation((...args) => take(...args).finally(() => void taken++));
    await authorise(order, token);
    await becomes(order, 'authorised');
    await execute(new CapturePayment({ orderId: order }));
    await becomes(order, 'captured');
    await until('all that was on its way has come', () => taken === calls);
    expect(await eventsOf(order)).toEqual([
      'provider-asked',
      'payment-authorised',
      'provider-asked',
      'payment-captured',
    ]);
  });

  it('answers once it knows what `after` asks for', async () => {
    const { position } = await authorise(order, 'tok_slow');
    const answer = await fetch(`${url}/api/payment/payments/${order}?after=${position}`);
    expect(await answer.json()).toMatchObject({ status: 'authorising', authorised: nothing });
    expect((await fetch(`${url}/api/payment/payments/${order}?after=99999`)).status).toBe(409);
    expect((await fetch(`${url}/api/payment/payments/${order}?after=-1`)).status).toBe(400);
  });

  it('knows no payment that nobody asked for, and takes no name that no order has', async () => {
    expect((await fetch(`${url}/api/payment/payments/nobody`)).status).toBe(404);
    const wrong = await fetch(`${url}/api/payment/payments/-x`);
    expect({ status: wrong.status, body: await wrong.json() }).toMatchObject({
      status: 400,
      body: { violations: [{ field: 'orderId' }] },
    });
  });

  describe('called back', () => {
    beforeEach(() => authorise(order, 'tok_slow'));

    it('takes what is signed, once, and lets the answer come after', async () => {
      const answer = await callBack(authorisedBy(order));
      expect({ status: answer.status, body: await answer.json() }).toEqual({ status: 200, body: { taken: true } });
      expect((await callBack(authorisedBy(order))).status).toBe(200);
      expect((await eventsOf(order)).filter((type) => type === 'payment-authorised')).toHaveLength(1);
    });

    it('records nothing that is signed by another, was signed long ago, or was changed', async () => {
      const before = await eventsOf(order);
      const longAgo = new Date(Date.now() - 301_000);
      for (const wrong of [{ secret: 'another' }, { at: longAgo }, { at: new Date(Date.now() + 301_000) }]) {
        const answer = await callBack(authorisedBy(order), wrong);
        expect(answer.status).toBe(401);
        expect(answer.headers.get('content-type')).toMatch('application/problem+json');
      }
      const headers = {
        'content-type': 'application/json',
        [SIGNATURE_HEADER]: signed(SECRET, Buffer.from('{}'), new Date()),
      };
      const body = JSON.stringify(authorisedBy(order));
      expect((await fetch(`${url}/api/payment/callbacks/simulated`, { method: 'POST', headers, body })).status).toBe(
        401,
      );
      expect(await eventsOf(order)).toEqual(before);
    });

    it.each([
      ['no signature', {}],
      ['an empty one', { [SIGNATURE_HEADER]: '' }],
      ['half of one', { [SIGNATURE_HEADER]: 't=1' }],
      ['a time that is none', { [SIGNATURE_HEADER]: 't=x,v1=00' }],
    ])('takes nothing with %s', async (_, signature) => {
      const headers = { 'content-type': 'application/json', ...(signature as Record<string, string>) };
      const body = JSON.stringify(authorisedBy(order));
      expect((await fetch(`${url}/api/payment/callbacks/simulated`, { method: 'POST', headers, body })).status).toBe(
        401,
      );
      expect((await fetch(`${url}/api/payment/callbacks/simulated`, { method: 'POST' })).status).toBe(401);
    });

    it('blames a signed callback that says what cannot be', async () => {
      expect((await callBack({})).status).toBe(401);
      const misnamed = await callBack({ ...authorisedBy(order), request: 'steal' });
      expect({ status: misnamed.status, body: await misnamed.json() }).toMatchObject({
        status: 400,
        body: { violations: [{ field: 'request' }] },
      });
    });

    it('records nothing of an order that it does not know', async () => {
      expect((await callBack(authorisedBy('unknown'))).status).toBe(200);
      expect(await eventsOf('unknown')).toEqual([]);
    });

    it('knows no provider but the one in use', async () => {
      for (const provider of ['stripe', 'nobody']) {
        expect((await callBack(authorisedBy(order), { provider })).status).toBe(404);
      }
    });
  });
});
