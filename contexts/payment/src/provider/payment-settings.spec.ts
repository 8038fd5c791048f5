import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '@gesta/nestjs';
import { paymentSettings } from './payment-settings.js';

function problemsOf(variables: Record<string, string>): readonly string[] {
  try {
    paymentSettings(variables);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

describe('The settings of payments', () => {
  it('are those of the simulated provider where nothing is set', () => {
    const settings = paymentSettings({});
    expect(settings).toMatchObject({
      provider: 'simulated',
      timeoutMs: 10_000,
      simulated: { answerMs: 20, slowMs: 2_000, declineRate: 0, lostAnswerRate: 0, ledger: undefined },
    });
  });

  it('have a secret for callbacks that nobody knows where none is set', () => {
    const secrets = [1, 2].map(() => {
      const settings = paymentSettings({});
      return settings.provider === 'simulated' ? settings.simulated.callbackSecret : '';
    });
    expect(secrets[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(secrets[0]).not.toBe(secrets[1]);
  });

  it('name the providers that there are', () => {
    expect(problemsOf({ MARKETPLACE_PAYMENT_PROVIDER: 'cash' })).toEqual([
      "MARKETPLACE_PAYMENT_PROVIDER is 'cash': set it to one of simulated, stripe, paypal, authorizenet",
    ]);
  });

  it.each([
    ['stripe', ['STRIPE_SECRET_KEY', 'STRIPE_WEBHOOK_SECRET']],
    ['paypal', ['PAYPAL_CLIENT_ID', 'PAYPAL_CLIENT_SECRET', 'PAYPAL_WEBHOOK_ID']],
    ['authorizenet', ['AUTHORIZENET_LOGIN_ID', 'AUTHORIZENET_TRANSACTION_KEY', 'AUTHORIZENET_SIGNATURE_KEY']],
  ])('name all that %s needs and is not set', (provider, names) => {
    const missing = problemsOf({ MARKETPLACE_PAYMENT_PROVIDER: provider });
    expect(missing.map((problem) => problem.split(' ', 1)[0])).toEqual(
      names.map((name) => `MARKETPLACE_PAYMENT_${name}`),
    );
    const all = Object.fromEntries(names.map((name) => [`MARKETPLACE_PAYMENT_${name}`, 'a secret']));
    expect(paymentSettings({ ...all, MARKETPLACE_PAYMENT_PROVIDER: provider }).provider).toBe(provider);
    const wrongToo = { ...all, MARKETPLACE_PAYMENT_PROVIDER: provider, MARKETPLACE_PAYMENT_TIMEOUT_MS: 'soon' };
    expect(problemsOf(wrongToo).join()).not.toContain('a secret');
  });

  it.each([
    [{ MARKETPLACE_PAYMENT_TIMEOUT_MS: '0' }],
    [{ MARKETPLACE_PAYMENT_TIMEOUT_MS: '25001' }],
    [{ MARKETPLACE_PAYMENT_ANSWER_MS: '-1' }],
    [{ MARKETPLACE_PAYMENT_DECLINE_RATE: '1.5' }],
    [{ MARKETPLACE_PAYMENT_LOST_ANSWER_RATE: 'often' }],
    [{ MARKETPLACE_PAYMENT_CALLBACK_TOLERANCE_S: 'NaN' }],
    [
      {
        MARKETPLACE_PAYMENT_STRIPE_URL: 'ftp://x',
        MARKETPLACE_PAYMENT_PROVIDER: 'stripe',
        MARKETPLACE_PAYMENT_STRIPE_SECRET_KEY: 'k',
        MARKETPLACE_PAYMENT_STRIPE_WEBHOOK_SECRET: 'k',
      },
    ],
  ])('refuse %j, and say what to set', (variables) => {
    const [problem, ...more] = problemsOf(variables as unknown as Record<string, string>);
    expect(problem).toContain(Object.keys(variables)[0]);
    expect(problem).toContain('set it to');
    expect(more).toEqual([]);
  });
});
