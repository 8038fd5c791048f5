import { createHmac, hash } from 'node:crypto';
import { decimalAmount } from '../decimal-amount.js';
import {
  BadCallback,
  type Answer,
  type Asked,
  type AskedToAuthorise,
  type AskedToCapture,
  type AskedToRefund,
  type AskedToVoid,
  type CalledBack,
  type Callback,
  type PaymentProvider,
} from '../payment-provider.js';
import { headerOf, isSameText, parsed } from '../signed-body.js';
import type { AuthorizeNetSettings } from './authorize-net-settings.js';

/** For how long Authorize.net recognises a repeat, in seconds: the longest it takes. */
const DUPLICATE_WINDOW = '28800';
const APPROVED = '1';
const DECLINED = '2';
const HELD_FOR_REVIEW = '4';
/** Codes of errors that say that the same was done before. */
const DUPLICATE = '11';
const ALREADY_VOIDED = '310';
const ALREADY_CAPTURED = '311';
/** The token for the card was used before, which it can be once. */
const TOKEN_USED = 'E00114';

interface Message {
  readonly code?: string;
}

interface TransactionResponse {
  readonly responseCode?: string;
  readonly authCode?: string;
  readonly transId?: string;
  readonly errors?: readonly { readonly errorCode?: string }[];
}

interface TransactionDetails {
  readonly transactionStatus?: string;
  readonly transactionType?: string;
  readonly order?: { readonly description?: string };
  readonly settleAmount?: number;
  readonly payment?: { readonly creditCard?: { readonly cardNumber?: string } };
}

interface Reply {
  readonly transactionResponse?: TransactionResponse;
  readonly transaction?: TransactionDetails;
  readonly transactions?: readonly { readonly transId?: string; readonly invoiceNumber?: string }[];
  readonly messages?: { readonly resultCode?: string; readonly message?: readonly Message[] };
}

/**
 * Authorize.net, by its JSON API. A token is the value that Accept.js gives for a card. It knows no idempotency keys: a repeat is
 * one by its invoice number, which follows from the key, and is recognised for eight hours. A capture and a void are of a
 * transaction, and have their effect once.
 */
export class AuthorizeNetProvider implements PaymentProvider {
  readonly name = 'authorizenet';

  constructor(private readonly settings: AuthorizeNetSettings) {}

  async authorise(asked: AskedToAuthorise): Promise<Answer> {
    const { token, amount, signal } = asked;
    // A token can be used once: where it may have been, what came of it is looked for first.
    const before = asked.attempt > 1 ? await this.find(asked) : undefined;
    if (before) return before;
    const reply = await this.transact(asked, {
      transactionType: 'authOnlyTransaction',
      amount: decimalAmount(amount),
      currencyCode: amount.currency,
      payment: { opaqueData: { dataDescriptor: 'COMMON.ACCEPT.INAPP.PAYMENT', dataValue: token } },
      ...recognisable(asked),
    });
    signal.throwIfAborted();
    if (codeOf(reply) === TOKEN_USED) return (await this.find(asked)) ?? refused(reply);
    return answerIn(reply);
  }

  async capture(asked: AskedToCapture): Promise<Answer> {
    const { reference, amount } = asked;
    const reply = await this.transact(asked, {
      transactionType: 'priorAuthCaptureTransaction',
      amount: decimalAmount(amount),
      refTransId: reference,
    });
    return codeOf(reply) === ALREADY_CAPTURED ? { outcome: 'done', reference } : answerIn(reply);
  }

  async void(asked: AskedToVoid): Promise<Answer> {
    const { reference, signal } = asked;
    const reply = await this.transact(asked, { transactionType: 'voidTransaction', refTransId: reference });
    if (codeOf(reply) === ALREADY_VOIDED) return { outcome: 'done', reference };
    const answer = answerIn(reply);
    if (answer.outcome === 'done') return answer;
    const { transactionStatus: status } = await this.detailsOf(reference, signal);
    const isGone = status === 'voided' || status === 'expired' || status === 'declined';
    if (isGone) return { outcome: 'done', reference };
    return status === 'settledSuccessfully' ? { ...answer, reference } : answer;
  }

  async refund(asked: AskedToRefund): Promise<Answer> {
    const { reference, amount, signal } = asked;
    const before = asked.attempt > 1 ? await this.find(asked) : undefined;
    if (before) return before;
    const { transactionStatus, settleAmount, payment } = await this.detailsOf(reference, signal);
    if (transactionStatus === 'voided') return { outcome: 'done', reference };
    if (transactionStatus === 'capturedPendingSettlement') {
      // What is not settled cannot be refunded, and is voided as a whole; a part has to wait.
      if (settleAmount !== undefined && decimalAmount(amount) !== settleAmount.toFixed(fractionDigits(amount))) {
        throw new Error(`Transaction ${reference} is not settled yet: a part of it can be refunded after that`);
      }
      return this.void({ ...asked, reference });
    }
    const cardNumber = payment?.creditCard?.cardNumber?.slice(-4) ?? '';
    const reply = await this.transact(asked, {
      transactionType: 'refundTransaction',
      amount: decimalAmount(amount),
      currencyCode: amount.currency,
      payment: { creditCard: { cardNumber, expirationDate: 'XXXX' } },
      refTransId: reference,
      ...recognisable(asked),
    });
    return answerIn(reply);
  }

  async verify(callback: Callback): Promise<CalledBack | undefined> {
    const { signatureKey, toleranceS } = this.settings;
    const [algorithm, signature = ''] = headerOf(callback, 'x-anet-signature').split('=', 2);
    const expected = createHmac('sha512', signatureKey).update(callback.body).digest('hex');
    if (algorithm?.toLowerCase() !== 'sha512' || !isSameText(signature.toLowerCase(), expected)) {
      throw new BadCallback('The callback is not signed by Authorize.net');
    }
    const { eventType, eventDate, payload } = parsed(callback.body) as {
      readonly eventType?: unknown;
      readonly eventDate?: unknown;
      readonly payload?: { readonly id?: unknown };
    };
    const age = callback.now.getTime() - Date.parse(String(eventDate));
    if (!(Math.abs(age) <= toleranceS * 1_000)) {
      throw new BadCallback(`The callback is of an event more than ${toleranceS} seconds from now`);
    }
    const operation = OPERATIONS[String(eventType)];
    if (!operation || typeof payload?.id !== 'string') return undefined;
    // It names the transaction alone. Whose it is, is in the transaction.
    const { order } = await this.detailsOf(payload.id, callback.signal);
    const [orderId, request] = order?.description?.split('/') ?? [];
    if (!orderId || !request) return undefined;
    const answer = { outcome: 'done', reference: payload.id } as const;
    return { orderId, request: operation === 'capture' ? 'capture' : request, answer };
  }

  /** What has come of what was asked before under the key, as far as it is not settled. */
  private async find(asked: Asked): Promise<Answer | undefined> {
    const reply = await this.call('getUnsettledTransactionListRequest', {}, asked.signal);
    const invoiceNumber = shortKey(asked.key);
    const found = reply.transactions?.find((transaction) => transaction.invoiceNumber === invoiceNumber);
    if (!found?.transId) return undefined;
    const { transactionStatus: status = '' } = await this.detailsOf(found.transId, asked.signal);
    return ['declined', 'generalError', 'failedReview'].includes(status)
      ? { outcome: 'declined', reason: `The transaction is ${status}` }
      : { outcome: 'done', reference: found.transId };
  }

  private async detailsOf(transId: string, signal: AbortSignal): Promise<TransactionDetails> {
    const { transaction } = await this.call('getTransactionDetailsRequest', { transId }, signal);
    if (!transaction) throw new Error(`Authorize.net does not tell of transaction ${transId}`);
    return transaction;
  }

  private transact(asked: Asked, transactionRequest: object): Promise<Reply> {
    const refId = shortKey(asked.key);
    return this.call('createTransactionRequest', { refId, transactionRequest }, asked.signal);
  }

  private async call(request: string, fields: object, signal: AbortSignal): Promise<Reply> {
    const { loginId, transactionKey, url } = this.settings;
    // The order of the fields counts: the JSON is read as XML.
    const merchantAuthentication = { name: loginId, transactionKey };
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ [request]: { merchantAuthentication, ...fields } }),
      signal,
    });
    if (!answer.ok) throw new Error(`Authorize.net answered ${answer.status}`);
    // It begins with a mark that is no JSON.
    return JSON.parse((await answer.text()).replace(/^\uFEFF/, '')) as Reply;
  }
}

const OPERATIONS: Readonly<Record<string, 'authorise' | 'capture' | 'refund'>> = {
  'net.authorize.payment.authorization.created': 'authorise',
  'net.authorize.payment.priorAuthCapture.created': 'capture',
  'net.authorize.payment.refund.created': 'refund',
};

/** By what a repeat is known as one, and its callbacks as being about this request. */
function recognisable({ key, orderId, request }: Asked) {
  return {
    order: { invoiceNumber: shortKey(key), description: `${orderId}/${request}` },
    transactionSettings: { setting: [{ settingName: 'duplicateWindow', settingValue: DUPLICATE_WINDOW }] },
  };
}

/** As long as an invoice's number may be. */
function shortKey(key: string): string {
  return hash('sha256', key, 'hex').slice(0, 20);
}

function codeOf({ transactionResponse, messages }: Reply): string {
  return transactionResponse?.errors?.[0]?.errorCode ?? messages?.message?.[0]?.code ?? 'no reason';
}

function refused(reply: Reply): Answer {
  return { outcome: 'declined', reason: `Refused: ${codeOf(reply)}` };
}

function answerIn(reply: Reply): Answer {
  const { transactionResponse, messages } = reply;
  const { responseCode, transId = '', authCode } = transactionResponse ?? {};
  switch (responseCode) {
    case APPROVED:
      if (transId === '') throw new Error('Authorize.net gave no id');
      return { outcome: 'done', reference: transId };
    case DECLINED:
      return { outcome: 'declined', reason: `CardDeclined: ${codeOf(reply)}` };
    case HELD_FOR_REVIEW:
      throw new Error(`Authorize.net has not decided on ${transId} yet`);
    default:
      // Of a repeat it tells what the first one was: it has an authorisation's code where that was approved.
      if (codeOf(reply) === DUPLICATE && transId !== '' && transId !== '0') {
        return authCode ? { outcome: 'done', reference: transId } : refused(reply);
      }
      if (transactionResponse || messages?.resultCode === 'Error') return definiteRefusal(reply);
      throw new Error('Authorize.net gave no answer');
  }
}

/** Errors of the gateway itself, and of whoever asks, say nothing of the card: they are no answer. */
const NO_ANSWERS = [
  'E00001',
  'E00005',
  'E00006',
  'E00007',
  'E00008',
  'E00053',
  'E00104',
  '19',
  '20',
  '21',
  '22',
  '23',
  '25',
  '26',
];

function definiteRefusal(reply: Reply): Answer {
  const code = codeOf(reply);
  if (NO_ANSWERS.includes(code)) throw new Error(`Authorize.net gave no answer: ${code}`);
  return refused(reply);
}

function fractionDigits(amount: Asked['amount']): number {
  return decimalAmount(amount).split('.')[1]?.length ?? 0;
}
