import { cents, StandIn, type StandInAnswer, type StandInRequest } from './stand-in.js';

interface Transaction {
  readonly transactionType: string;
  readonly amount?: string;
  readonly refTransId?: string;
  readonly payment?: { readonly opaqueData?: { readonly dataValue: string } };
  readonly order?: { readonly invoiceNumber: string; readonly description: string };
}

interface Body {
  readonly merchantAuthentication: { readonly name: string; readonly transactionKey: string };
  readonly transactionRequest?: Transaction;
  readonly transId?: string;
}

const failed = (errorCode: string, fields: object = {}) => ({
  transactionResponse: { responseCode: '3', transId: '0', errors: [{ errorCode }], ...fields },
  messages: { resultCode: 'Error', message: [{ code: 'E00027' }] },
});
const approved = (transId: string) => ({
  transactionResponse: { responseCode: '1', transId, authCode: 'A1B2C3' },
  messages: { resultCode: 'Ok', message: [{ code: 'I00001' }] },
});

/** Authorize.net's transactions: one address, and the mark before its answers. */
export class AuthorizeNetStandIn extends StandIn {
  private readonly orders = new Map<string, { readonly invoiceNumber: string; readonly description: string }>();
  private readonly used = new Set<string>();
  /** Whether what was captured is settled: only then it can be refunded. */
  isSettled = true;

  protected answer(request: StandInRequest): StandInAnswer {
    const [[kind, body]] = Object.entries(JSON.parse(request.body) as Record<string, Body>) as [[string, Body]];
    const { name, transactionKey } = body.merchantAuthentication;
    if (name !== 'login' || transactionKey !== 'secret') {
      return { status: 200, body: { messages: { resultCode: 'Error', message: [{ code: 'E00007' }] } } };
    }
    switch (kind) {
      case 'getUnsettledTransactionListRequest':
        return {
          status: 200,
          body: { transactions: [...this.orders].map(([transId, { invoiceNumber }]) => ({ transId, invoiceNumber })) },
        };
      case 'getTransactionDetailsRequest':
        return { status: 200, body: { transaction: this.details(body.transId!) } };
      default:
        return { status: 200, body: this.transact(body.transactionRequest!) };
    }
  }

  protected override isOfMoney({ body }: StandInRequest): boolean {
    return body.startsWith('{"createTransactionRequest"');
  }

  private transact(transaction: Transaction) {
    const { transactionType, amount = '', refTransId = '', order } = transaction;
    const hold = this.holds.get(refTransId);
    const same = [...this.orders].find(([, { invoiceNumber }]) => invoiceNumber === order?.invoiceNumber);
    switch (transactionType) {
      case 'authOnlyTransaction': {
        const token = transaction.payment!.opaqueData!.dataValue;
        if (token === 'declined') {
          return { transactionResponse: { responseCode: '2', transId: '1', errors: [{ errorCode: '2' }] } };
        }
        if (this.used.has(token)) return { messages: { resultCode: 'Error', message: [{ code: 'E00114' }] } };
        this.used.add(token);
        const { reference } = this.hold(this.number('4000'), amount);
        this.orders.set(reference, order!);
        return approved(reference);
      }
      case 'priorAuthCaptureTransaction':
        if (hold?.state === 'captured') return failed('311');
        if (hold?.state !== 'held') return failed('16');
        hold.state = 'captured';
        hold.capture = refTransId;
        return approved(refTransId);
      case 'voidTransaction':
        if (hold?.state === 'voided') return failed('310');
        if (hold?.state !== 'held' && this.isSettled) return failed('16');
        hold!.state = 'voided';
        return approved(refTransId);
      default: {
        if (same) return failed('11', { transId: same[0], authCode: 'A1B2C3' });
        const refunded = this.refunds.filter(({ capture }) => capture === refTransId);
        const left = cents(hold!.amount) - refunded.reduce((sum, each) => sum + cents(each.amount), 0);
        if (cents(amount) > left) return failed('55');
        const refund = { reference: this.number('4000'), capture: refTransId, amount };
        this.refunds.push(refund);
        this.orders.set(refund.reference, order!);
        return approved(refund.reference);
      }
    }
  }

  private details(transId: string) {
    const hold = this.holds.get(transId);
    const captured = this.isSettled ? 'settledSuccessfully' : 'capturedPendingSettlement';
    const states = { held: 'authorizedPendingCapture', captured, voided: 'voided' };
    return {
      transId,
      transactionStatus: hold ? states[hold.state] : 'refundPendingSettlement',
      order: this.orders.get(transId),
      ...(hold && { settleAmount: Number(hold.amount) }),
      payment: { creditCard: { cardNumber: 'XXXX1111' } },
    };
  }
}
