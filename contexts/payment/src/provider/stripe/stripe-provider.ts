import { Stripe } from 'stripe';
import type {
  Answer,
  Asked,
  AskedToAuthorise,
  AskedToCapture,
  AskedToRefund,
  AskedToVoid,
  CalledBack,
  Callback,
  PaymentProvider,
} from '../payment-provider.js';
import { checkSignature, headerOf, parsed } from '../signed-body.js';
import type { StripeSettings } from './stripe-settings.js';

/** Statuses of a payment that is not held, and will not be under the same key. An answer with none of them is no answer. */
const NOT_HELD = ['requires_payment_method', 'requires_action', 'requires_confirmation', 'canceled'];
/** Statuses by which Stripe says that it could not do what it was asked, and that the same would fail again. */
const REFUSED = [400, 402, 404];

/**
 * Stripe, by its own library. An order's payment is a PaymentIntent that is confirmed at once and captured by hand; a token is a
 * payment method (`pm_…`) or one of the older tokens (`tok_…`). The idempotency key goes along with every request; Stripe keeps
 * it for a day at least.
 */
export class StripeProvider implements PaymentProvider {
  readonly name = 'stripe';
  private readonly stripe: Stripe;

  constructor(private readonly settings: StripeSettings) {
    const { protocol, hostname, port } = new URL(settings.url);
    this.stripe = new Stripe(settings.secretKey, {
      protocol: protocol === 'http:' ? 'http' : 'https',
      host: hostname,
      port: port || (protocol === 'http:' ? 80 : 443),
      // It is asked again by the log, which outlives this process.
      maxNetworkRetries: 0,
      timeout: 20_000,
      telemetry: false,
    });
  }

  authorise({ token, amount, ...asked }: AskedToAuthorise): Promise<Answer> {
    const card = token.startsWith('tok_')
      ? { payment_method_data: { type: 'card' as const, card: { token } } }
      : { payment_method: token };
    return definite(async () => {
      const intent = await this.stripe.paymentIntents.create(
        {
          amount: amount.amount,
          currency: amount.currency.toLowerCase(),
          ...card,
          automatic_payment_methods: { enabled: true, allow_redirects: 'never' },
          capture_method: 'manual',
          confirm: true,
          error_on_requires_action: true,
          metadata: metadataOf(asked),
        },
        { idempotencyKey: asked.key },
      );
      if (intent.status === 'requires_capture') return { outcome: 'done', reference: intent.id };
      if (NOT_HELD.includes(intent.status)) return { outcome: 'declined', reason: `The payment is ${intent.status}` };
      throw new Error(`Stripe has not decided yet: the payment is ${intent.status}`);
    });
  }

  capture({ reference, key }: AskedToCapture): Promise<Answer> {
    return definite(
      async () => {
        const { status } = await this.stripe.paymentIntents.capture(reference, {}, { idempotencyKey: key });
        if (status !== 'succeeded') throw new Error(`Stripe has not captured yet: the payment is ${status}`);
        return { outcome: 'done', reference };
      },
      async () => ((await this.statusOf(reference)) === 'succeeded' ? { outcome: 'done', reference } : undefined),
    );
  }

  void({ reference, key }: AskedToVoid): Promise<Answer> {
    return definite(
      async () => {
        const { status } = await this.stripe.paymentIntents.cancel(reference, {}, { idempotencyKey: key });
        if (status !== 'canceled') throw new Error(`Stripe has not cancelled yet: the payment is ${status}`);
        return { outcome: 'done', reference };
      },
      async () => {
        const status = await this.statusOf(reference);
        if (status === 'canceled') return { outcome: 'done', reference };
        return status === 'succeeded' ? { outcome: 'declined', reason: 'It is captured', reference } : undefined;
      },
    );
  }

  refund({ reference, amount, ...asked }: AskedToRefund): Promise<Answer> {
    return definite(async () => {
      const refund = await this.stripe.refunds.create(
        { payment_intent: reference, amount: amount.amount, metadata: metadataOf(asked) },
        { idempotencyKey: asked.key },
      );
      return refundAnswer(refund);
    });
  }

  async verify(callback: Callback): Promise<CalledBack | undefined> {
    const { webhookSecret, toleranceS } = this.settings;
    checkSignature(headerOf(callback, 'stripe-signature'), webhookSecret, callback, toleranceS);
    return calledBack(parsed(callback.body) as Stripe.Event);
  }

  private async statusOf(reference: string): Promise<string> {
    return (await this.stripe.paymentIntents.retrieve(reference)).status;
  }
}

/** What Stripe keeps with what it does, and says in its callbacks. */
function metadataOf({ orderId, request, key }: Pick<Asked, 'orderId' | 'request' | 'key'>) {
  return { orderId, request, key };
}

/**
 * Makes a refusal an answer. Everything else that goes wrong leaves the outcome unknown.
 * @param already looks whether it is refused because it was done before, under another key
 */
async function definite(
  work: () => Promise<Answer>,
  already: () => Promise<Answer | undefined> = () => Promise.resolve(undefined),
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Stripe.errors.StripeCardError) {
      return { outcome: 'declined', reason: `CardDeclined: ${error.decline_code ?? error.code ?? 'no reason'}` };
    }
    const isRefused =
      error instanceof Stripe.errors.StripeInvalidRequestError && REFUSED.includes(error.statusCode ?? 0);
    if (!isRefused) throw error;
    return (await already()) ?? { outcome: 'declined', reason: `Refused: ${error.code ?? error.statusCode}` };
  }
}

function refundAnswer({ id, status, failure_reason: reason }: Stripe.Refund): Answer {
  switch (status) {
    case 'failed':
    case 'canceled':
      return { outcome: 'declined', reason: `The refund is ${status}: ${reason ?? 'no reason'}` };
    case 'succeeded':
    case 'pending':
      return { outcome: 'done', reference: id };
    default:
      throw new Error(`Stripe has not refunded yet: the refund is ${status}`);
  }
}

function calledBack(event: Stripe.Event): CalledBack | undefined {
  switch (event.type) {
    case 'payment_intent.amount_capturable_updated':
      return ofIntent(event.data.object, 'authorise', { outcome: 'done', reference: event.data.object.id });
    case 'payment_intent.payment_failed': {
      const { code = 'no reason' } = event.data.object.last_payment_error ?? {};
      return ofIntent(event.data.object, 'authorise', { outcome: 'declined', reason: `CardDeclined: ${code}` });
    }
    case 'payment_intent.succeeded':
      return ofIntent(event.data.object, 'capture', { outcome: 'done', reference: event.data.object.id });
    case 'refund.created':
    case 'refund.updated':
    case 'refund.failed': {
      const { metadata, status } = event.data.object;
      const { orderId, request } = metadata ?? {};
      if (!orderId || !request || status === 'requires_action') return undefined;
      return { orderId, request, answer: refundAnswer(event.data.object) };
    }
    default:
      return undefined;
  }
}

function ofIntent({ metadata }: Stripe.PaymentIntent, request: string, answer: Answer): CalledBack | undefined {
  const { orderId } = metadata;
  return orderId ? { orderId, request, answer } : undefined;
}
