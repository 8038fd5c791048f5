import { describe, expect, it } from '@jest/globals';
import { PayPalStandIn } from '../../../test/paypal-stand-in.js';
import { providerBehaviour } from '../../../test/provider-behaviour.js';
import { PayPalProvider } from './paypal-provider.js';

const settings = (url: string) => ({
  clientId: 'client',
  clientSecret: 'secret',
  webhookId: 'WH-1',
  url,
  toleranceS: 300,
});

const headersAt = (at: Date, signature = 'by PayPal') => ({
  'paypal-auth-algo': 'SHA256withRSA',
  'paypal-cert-url': 'https://api.paypal.com/v1/notifications/certs/CERT-1',
  'paypal-transmission-id': 'transmission-1',
  'paypal-transmission-sig': signature,
  'paypal-transmission-time': at.toISOString(),
});
const callback = (type: string, resource: object, at: Date) => ({
  body: Buffer.from(JSON.stringify({ id: 'WH-EVENT-1', event_type: type, resource })),
  headers: headersAt(at),
});
const TYPES = { authorise: 'PAYMENT.AUTHORIZATION.CREATED', capture: 'PAYMENT.CAPTURE.COMPLETED' };

describe('PayPalProvider, beside a stand-in', () => {
  providerBehaviour(() => ({
    standIn: new PayPalStandIn(),
    open: (url) => new PayPalProvider(settings(url)),
    secrets: [Buffer.from('client:secret').toString('base64'), 'a-token'],
    goodToken: () => 'vaulted',
    badToken: 'declined',
    callback: (operation, reference, at) => callback(TYPES[operation], { id: reference, custom_id: 'order-1' }, at),
    forged: (good) => ({ ...good, headers: { ...good.headers, 'paypal-transmission-sig': 'by another' } }),
    aboutOther: (at) => callback('CUSTOMER.DISPUTE.CREATED', { dispute_id: 'PP-1' }, at),
  }));

  it('has a callback verified as it came, not as it would be written anew', async () => {
    const standIn = new PayPalStandIn();
    const provider = new PayPalProvider(settings(await standIn.open()));
    const now = new Date();
    const body = Buffer.from('{ "event_type" : "OTHER", "amount": 1.00 }');
    await provider.verify({ body, headers: headersAt(now), now, signal: AbortSignal.timeout(20_000) });
    expect(standIn.verified[0]).toContain(`"webhook_event":${body.toString()}`);
    await standIn.close();
  });
});
