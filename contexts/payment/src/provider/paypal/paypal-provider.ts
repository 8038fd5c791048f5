import { ApiError, CheckoutPaymentIntent, OrdersController, PaymentsController } from '@paypal/paypal-server-sdk';
import { decimalAmount } from '../decimal-amount.js';
import {
  BadCallback,
  type Answer,
  type AskedToAuthorise,
  type AskedToCapture,
  type AskedToRefund,
  type AskedToVoid,
  type CalledBack,
  type Callback,
  type PaymentProvider,
} from '../payment-provider.js';
import { headerOf, parsed } from '../signed-body.js';
import { PayPalClient } from './paypal-client.js';
import type { PayPalSettings } from './paypal-settings.js';

/** Statuses by which PayPal says that it could not do what it was asked, and that the same would fail again. */
const REFUSED = [400, 404, 422];
/** Refusals that are none: the first request under the key is still being worked on. */
const IN_PROGRESS = 'PREVIOUS_REQUEST_IN_PROGRESS';

interface Amounts {
  readonly authorizations?: readonly { readonly id?: string; readonly status?: string }[];
  readonly captures?: readonly { readonly id?: string; readonly status?: string }[];
}

/**
 * PayPal, by its own library: an order with the intent to authorise, whose token is a card or an account that is in PayPal's
 * vault. The idempotency key goes along as `PayPal-Request-Id`, which PayPal keeps for six hours or longer.
 */
export class PayPalProvider implements PaymentProvider {
  readonly name = 'paypal';
  private readonly client: PayPalClient;
  private readonly orders: OrdersController;
  private readonly payments: PaymentsController;

  constructor(private readonly settings: PayPalSettings) {
    this.client = new PayPalClient(settings);
    this.orders = new OrdersController(this.client);
    this.payments = new PaymentsController(this.client);
  }

  authorise({ key, orderId, amount, token, signal }: AskedToAuthorise): Promise<Answer> {
    return definite(async () => {
      const { result: order } = await this.orders.createOrder(
        {
          paypalRequestId: key,
          prefer: 'return=representation',
          body: {
            intent: CheckoutPaymentIntent.Authorize,
            purchaseUnits: [
              {
                customId: orderId,
                amount: { currencyCode: amount.currency, value: decimalAmount(amount) },
              },
            ],
            paymentSource: { card: { vaultId: token } },
          },
        },
        { abortSignal: signal },
      );
      const made = authorisationIn(order);
      if (made) return made;
      // An order that waits to be authorised. Its own key follows from that of the order, so that it is done once, too.
      if (order.status === 'PAYER_ACTION_REQUIRED' || order.status === 'VOIDED') {
        return { outcome: 'declined', reason: `The order is ${order.status}` };
      }
      const { result: authorised } = await this.orders.authorizeOrder(
        { id: named(order.id), paypalRequestId: `${key}-1`, prefer: 'return=representation' },
        { abortSignal: signal },
      );
      const answer = authorisationIn(authorised);
      if (!answer) throw new Error(`PayPal has not authorised yet: the order is ${authorised.status}`);
      return answer;
    });
  }

  capture({ reference, key, signal }: AskedToCapture): Promise<Answer> {
    return definite(
      async () => {
        const { result } = await this.payments.captureAuthorizedPayment(
          {
            authorizationId: reference,
            paypalRequestId: key,
            prefer: 'return=representation',
            body: { finalCapture: true },
          },
          { abortSignal: signal },
        );
        const { id, status } = result;
        if (status === 'DECLINED' || status === 'FAILED') {
          return { outcome: 'declined', reason: `The capture is ${status}` };
        }
        return { outcome: 'done', reference: named(id) };
      },
      async () => {
        const capture = await this.captureOf(reference, signal);
        return capture ? { outcome: 'done', reference: capture } : undefined;
      },
    );
  }

  void({ reference, key, signal }: AskedToVoid): Promise<Answer> {
    return definite(
      async () => {
        await this.payments.voidPayment({ authorizationId: reference, paypalRequestId: key }, { abortSignal: signal });
        return { outcome: 'done', reference };
      },
      async (issue) => {
        if (issue === 'PREVIOUSLY_VOIDED' || issue === 'AUTHORIZATION_EXPIRED') return { outcome: 'done', reference };
        const capture = await this.captureOf(reference, signal);
        return capture ? { outcome: 'declined', reason: 'It is captured', reference: capture } : undefined;
      },
    );
  }

  refund({ reference, amount, key, signal }: AskedToRefund): Promise<Answer> {
    return definite(async () => {
      const { result } = await this.payments.refundCapturedPayment(
        {
          captureId: reference,
          paypalRequestId: key,
          prefer: 'return=representation',
          body: { amount: { currencyCode: amount.currency, value: decimalAmount(amount) } },
        },
        { abortSignal: signal },
      );
      const { id, status } = result;
      if (status === 'FAILED' || status === 'CANCELLED') {
        return { outcome: 'declined', reason: `The refund is ${status}` };
      }
      return { outcome: 'done', reference: named(id) };
    });
  }

  /** PayPal is asked whether it has signed the callback: the check by its certificates is its own. */
  async verify(callback: Callback): Promise<CalledBack | undefined> {
    const { url, webhookId, toleranceS } = this.settings;
    const header = (name: string) => headerOf(callback, `paypal-${name}`);
    const time = header('transmission-time');
    const said = {
      auth_algo: header('auth-algo'),
      cert_url: header('cert-url'),
      transmission_id: header('transmission-id'),
      transmission_sig: header('transmission-sig'),
      transmission_time: time,
      webhook_id: webhookId,
    };
    if (!(Math.abs(callback.now.getTime() - Date.parse(time)) <= toleranceS * 1_000)) {
      throw new BadCallback(`The callback was signed more than ${toleranceS} seconds from now`);
    }
    const event = parsed(callback.body) as PayPalEvent;
    const { accessToken } = await this.client.clientCredentialsAuthManager.fetchToken();
    const answer = await fetch(`${url}/v1/notifications/verify-webhook-signature`, {
      method: 'POST',
      headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
      // The event as it came: written anew, it might be signed no more.
      body: `${JSON.stringify(said).slice(0, -1)},"webhook_event":${callback.body.toString()}}`,
      signal: callback.signal,
    });
    if (!answer.ok) throw new Error(`PayPal could not verify a callback: ${answer.status}`);
    const { verification_status: status } = (await answer.json()) as { verification_status?: unknown };
    if (status !== 'SUCCESS') throw new BadCallback('The callback is not signed by PayPal');
    return calledBack(event);
  }

  /** The capture of an authorisation, where it is captured. */
  private async captureOf(authorizationId: string, abortSignal: AbortSignal): Promise<string | undefined> {
    const { result } = await this.payments.getAuthorizedPayment({ authorizationId }, { abortSignal });
    const id = result.supplementaryData?.relatedIds?.orderId;
    if (result.status !== 'CAPTURED' || !id) return undefined;
    const { result: order } = await this.orders.getOrder({ id }, { abortSignal });
    return order.purchaseUnits?.[0]?.payments?.captures?.[0]?.id;
  }
}

/** What has come of the authorisation in an order; `undefined` where there is none in it. */
function authorisationIn({
  purchaseUnits,
}: {
  readonly purchaseUnits?: readonly { readonly payments?: Amounts }[];
}): Answer | undefined {
  const { id, status } = purchaseUnits?.[0]?.payments?.authorizations?.[0] ?? {};
  if (!id) return undefined;
  if (status === 'DENIED') return { outcome: 'declined', reason: 'The authorisation is DENIED' };
  if (status === 'PENDING') throw new Error(`PayPal has not decided on ${id} yet`);
  return { outcome: 'done', reference: id };
}

/** What PayPal calls a thing. An answer without it is no answer. */
function named(id: string | undefined): string {
  if (!id) throw new Error('PayPal gave no id');
  return id;
}

/**
 * Makes a refusal an answer. Everything else that goes wrong leaves the outcome unknown.
 * @param already looks whether it is refused because it was done before, under another key
 */
async function definite(
  work: () => Promise<Answer>,
  already: (issue: string) => Promise<Answer | undefined> = () => Promise.resolve(undefined),
): Promise<Answer> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof ApiError) || !REFUSED.includes(error.statusCode)) throw error;
    const issue = issueOf(error);
    if (issue === IN_PROGRESS) throw error;
    return (await already(issue)) ?? { outcome: 'declined', reason: `Refused: ${issue}` };
  }
}

function issueOf({ result, body }: ApiError): string {
  const said = (typeof result === 'object' && result !== null ? result : safelyParsed(body)) as {
    readonly name?: unknown;
    readonly details?: readonly { readonly issue?: unknown }[];
  };
  return String(said.details?.[0]?.issue ?? said.name ?? 'no reason').slice(0, 100);
}

function safelyParsed(body: unknown): object {
  try {
    return JSON.parse(String(body)) as object;
  } catch {
    return {};
  }
}

interface PayPalEvent {
  readonly event_type?: unknown;
  readonly resource?: { readonly id?: unknown; readonly custom_id?: unknown };
}

function calledBack({ event_type: type, resource }: PayPalEvent): CalledBack | undefined {
  const { id: reference, custom_id: orderId } = resource ?? {};
  if (typeof reference !== 'string' || typeof orderId !== 'string') return undefined;
  switch (type) {
    case 'PAYMENT.AUTHORIZATION.CREATED':
      return { orderId, request: 'authorise', answer: { outcome: 'done', reference } };
    case 'PAYMENT.CAPTURE.COMPLETED':
      return { orderId, request: 'capture', answer: { outcome: 'done', reference } };
    case 'PAYMENT.CAPTURE.DENIED':
    case 'PAYMENT.CAPTURE.DECLINED':
      return { orderId, request: 'capture', answer: { outcome: 'declined', reason: 'The capture is DENIED' } };
    default:
      return undefined;
  }
}
