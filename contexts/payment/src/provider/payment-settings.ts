import { randomBytes } from 'node:crypto';
import { ConfigurationError } from '@gesta/nestjs';
import type { AuthorizeNetSettings } from './authorize-net/authorize-net-settings.js';
import type { PayPalSettings } from './paypal/paypal-settings.js';
import type { SimulatedSettings } from './simulated/simulated-settings.js';
import type { StripeSettings } from './stripe/stripe-settings.js';

export const PAYMENT_PROVIDERS = ['simulated', 'stripe', 'paypal', 'authorizenet'] as const;

/** What the environment says about payments. */
export type PaymentSettings = {
  /** How long one answer of the provider is waited for, in milliseconds. */
  readonly timeoutMs: number;
} & (
  | { readonly provider: 'simulated'; readonly simulated: SimulatedSettings }
  | { readonly provider: 'stripe'; readonly stripe: StripeSettings }
  | { readonly provider: 'paypal'; readonly paypal: PayPalSettings }
  | { readonly provider: 'authorizenet'; readonly authorizenet: AuthorizeNetSettings }
);

export const PAYMENT_SETTINGS = Symbol('PaymentSettings');

const PREFIX = 'MARKETPLACE_PAYMENT_';
/** Less than a reactor is given for one try. */
const LONGEST_TIMEOUT_MS = 25_000;

/**
 * What the variables that begin with `MARKETPLACE_PAYMENT_` say.
 * @throws {ConfigurationError} with every variable that cannot be used, never with what a secret one holds
 */
export function paymentSettings(variables: NodeJS.ProcessEnv): PaymentSettings {
  const read = new Variables(variables);
  const provider = variables[`${PREFIX}PROVIDER`] ?? 'simulated';
  const timeoutMs = read.number('TIMEOUT_MS', 10_000, 1, LONGEST_TIMEOUT_MS, 'milliseconds');
  const toleranceS = read.number('CALLBACK_TOLERANCE_S', 300, 1, 86_400, 'seconds');
  const settings = providerSettings(provider, read, toleranceS);
  if (!settings || read.problems.length > 0) throw new ConfigurationError(read.problems);
  return { timeoutMs, ...settings };
}

function providerSettings(provider: string, read: Variables, toleranceS: number) {
  switch (provider) {
    case 'simulated': {
      const simulated = {
        answerMs: read.number('ANSWER_MS', 20, 0, 600_000, 'milliseconds'),
        slowMs: read.number('SLOW_MS', 2_000, 0, 600_000, 'milliseconds'),
        declineRate: read.number('DECLINE_RATE', 0, 0, 1),
        lostAnswerRate: read.number('LOST_ANSWER_RATE', 0, 0, 1),
        // Where nobody is told it, nobody but the provider in this process can call back.
        callbackSecret: read.text('CALLBACK_SECRET') ?? randomBytes(32).toString('hex'),
        ledger: read.text('LEDGER'),
        toleranceS,
      };
      return { provider, simulated } as const;
    }
    case 'stripe': {
      const stripe = {
        secretKey: read.needed('STRIPE_SECRET_KEY', provider, "your account's secret key, sk_…"),
        webhookSecret: read.needed('STRIPE_WEBHOOK_SECRET', provider, "the webhook endpoint's signing secret, whsec_…"),
        url: read.url('STRIPE_URL', 'https://api.stripe.com'),
        toleranceS,
      };
      return { provider, stripe } as const;
    }
    case 'paypal': {
      const paypal = {
        clientId: read.needed('PAYPAL_CLIENT_ID', provider, "your app's client id"),
        clientSecret: read.needed('PAYPAL_CLIENT_SECRET', provider, "your app's secret"),
        webhookId: read.needed('PAYPAL_WEBHOOK_ID', provider, "the webhook's id in your app"),
        url: read.url('PAYPAL_URL', 'https://api-m.sandbox.paypal.com'),
        toleranceS,
      };
      return { provider, paypal } as const;
    }
    case 'authorizenet': {
      const authorizenet = {
        loginId: read.needed('AUTHORIZENET_LOGIN_ID', provider, 'your API login id'),
        transactionKey: read.needed('AUTHORIZENET_TRANSACTION_KEY', provider, 'your transaction key'),
        signatureKey: read.needed('AUTHORIZENET_SIGNATURE_KEY', provider, 'your signature key, 128 hexadecimal digits'),
        url: read.url('AUTHORIZENET_URL', 'https://apitest.authorize.net/xml/v1/request.api'),
        toleranceS,
      };
      return { provider, authorizenet } as const;
    }
    default:
      read.problems.push(
        `${PREFIX}PROVIDER is '${provider.slice(0, 50)}': set it to one of ${PAYMENT_PROVIDERS.join(', ')}`,
      );
      return undefined;
  }
}

/** Reads variables and collects what is wrong with them. */
class Variables {
  readonly problems: string[] = [];

  constructor(private readonly variables: NodeJS.ProcessEnv) {}

  /** An empty variable is none: that is how a compose file leaves one out. */
  text(name: string): string | undefined {
    return this.variables[PREFIX + name]?.trim() || undefined;
  }

  needed(name: string, provider: string, what: string): string {
    const text = this.text(name);
    if (!text) this.problems.push(`${PREFIX}${name} is not set, and ${PREFIX}PROVIDER=${provider} needs it: ${what}`);
    return text ?? '';
  }

  number(name: string, otherwise: number, least: number, most: number, unit = 'a number'): number {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= most) return number;
    this.problems.push(
      `${PREFIX}${name} is '${text.slice(0, 50)}': set it to ${unit} from ${least} to ${most}, such as ${otherwise}`,
    );
    return otherwise;
  }

  url(name: string, otherwise: string): string {
    const text = this.text(name);
    if (text === undefined) return otherwise;
    const protocol = URL.canParse(text) ? new URL(text).protocol : undefined;
    if (protocol !== 'http:' && protocol !== 'https:') {
      this.problems.push(`${PREFIX}${name} is no http or https URL: set it to one, such as ${otherwise}`);
    }
    return text.replace(/\/+$/, '');
  }
}
