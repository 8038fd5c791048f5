import { describe } from '@jest/globals';
import { Stripe } from 'stripe';
import { providerBehaviour } from '../../../test/provider-behaviour.js';
import { StripeStandIn } from '../../../test/stripe-stand-in.js';
import { signed } from '../signed-body.js';
import { StripeProvider } from './stripe-provider.js';

const WEBHOOK_SECRET = 'whsec_secret';

const callback = (type: string, object: object, at: Date) => {
  const body = Buffer.from(JSON.stringify({ id: 'evt_1', object: 'event', type, data: { object } }));
  // As Stripe's own library signs.
  const timestamp = Math.floor(at.getTime() / 1_000);
  const header = Stripe.webhooks.generateTestHeaderString({
    payload: body.toString(),
    secret: WEBHOOK_SECRET,
    timestamp,
  });
  return { body, headers: { 'stripe-signature': header } };
};
const TYPES = { authorise: 'payment_intent.amount_capturable_updated', capture: 'payment_intent.succeeded' };

describe('StripeProvider, beside a stand-in', () => {
  providerBehaviour(() => ({
    standIn: new StripeStandIn(),
    open: (url) =>
      new StripeProvider({ secretKey: 'sk_test_secret', webhookSecret: WEBHOOK_SECRET, url, toleranceS: 300 }),
    secrets: ['sk_test_secret', WEBHOOK_SECRET],
    goodToken: () => 'pm_good',
    badToken: 'pm_declined',
    callback: (operation, reference, at) => {
      const metadata = { orderId: 'order-1', request: 'authorise', key: 'key' };
      return callback(TYPES[operation], { id: reference, object: 'payment_intent', metadata }, at);
    },
    forged: ({ body }) => ({
      body,
      headers: { 'stripe-signature': signed('another', body, new Date('2026-06-01T12:00:00Z')) },
    }),
    aboutOther: (at) => callback('customer.created', { id: 'cus_1', object: 'customer' }, at),
  }));
});
