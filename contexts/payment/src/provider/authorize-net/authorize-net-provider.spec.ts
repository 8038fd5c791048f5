import { describe, expect, it } from '@jest/globals';
import { createHmac } from 'node:crypto';
import { AuthorizeNetStandIn } from '../../../test/authorize-net-stand-in.js';
import { providerBehaviour } from '../../../test/provider-behaviour.js';
import { AuthorizeNetProvider } from './authorize-net-provider.js';

const SIGNATURE_KEY = 'A'.repeat(128);
const settings = (url: string) => ({
  loginId: 'login',
  transactionKey: 'secret',
  signatureKey: SIGNATURE_KEY,
  url: `${url}/xml/v1/request.api`,
  toleranceS: 300,
});

const signature = (body: Buffer, key = SIGNATURE_KEY) => ({
  'x-anet-signature': `sha512=${createHmac('sha512', key).update(body).digest('hex').toUpperCase()}`,
});
const callback = (eventType: string, id: string, at: Date) => {
  const body = Buffer.from(
    JSON.stringify({ notificationId: 'n-1', eventType, eventDate: at.toISOString(), payload: { id } }),
  );
  return { body, headers: signature(body) };
};
const TYPES = {
  authorise: 'net.authorize.payment.authorization.created',
  capture: 'net.authorize.payment.priorAuthCapture.created',
};
let tokens = 0;

describe('AuthorizeNetProvider, beside a stand-in', () => {
  providerBehaviour(() => ({
    standIn: new AuthorizeNetStandIn(),
    open: (url) => new AuthorizeNetProvider(settings(url)),
    secrets: [SIGNATURE_KEY, '"secret"'],
    goodToken: () => `nonce${++tokens}`,
    badToken: 'declined',
    callback: (operation, reference, at) => callback(TYPES[operation], reference, at),
    forged: ({ body }) => ({ body, headers: signature(body, 'another') }),
    aboutOther: (at) => callback('net.authorize.customer.created', '1', at),
  }));

  describe('asked to give back what is not settled yet', () => {
    const amount = { amount: 1_999, currency: 'EUR' };
    const asked = (request: string) => {
      return { key: request, orderId: 'order-1', request, amount, attempt: 1, signal: AbortSignal.timeout(20_000) };
    };

    it('voids the whole, and has a part asked for again later', async () => {
      const standIn = new AuthorizeNetStandIn();
      standIn.isSettled = false;
      const provider = new AuthorizeNetProvider(settings(await standIn.open()));
      const { reference } = (await provider.authorise({ ...asked('authorise'), token: 'nonce' })) as {
        reference: string;
      };
      await provider.capture({ ...asked('capture'), reference });
      const part = { amount: 999, currency: 'EUR' };
      await expect(provider.refund({ ...asked('refund-r'), reference, amount: part })).rejects.toThrow(
        'not settled yet',
      );
      expect(await provider.refund({ ...asked('refund-s'), reference })).toMatchObject({ outcome: 'done' });
      expect([...standIn.holds.values()]).toMatchObject([{ state: 'voided' }]);
      await standIn.close();
    });
  });

  it('does not know what has come of it where its keys are not known', async () => {
    const standIn = new AuthorizeNetStandIn();
    const provider = new AuthorizeNetProvider({ ...settings(await standIn.open()), transactionKey: 'wrong' });
    const asked = { key: 'k', orderId: 'o', request: 'authorise', amount: { amount: 1, currency: 'EUR' }, attempt: 1 };
    const answer = provider.authorise({ ...asked, token: 'nonce', signal: AbortSignal.timeout(20_000) });
    await expect(answer).rejects.toThrow('Authorize.net gave no answer: E00007');
    await standIn.close();
  });
});
