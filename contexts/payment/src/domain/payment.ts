import { Aggregate, Apply, event, Handle, type Decision, type DomainEvent } from '@gesta/core';
import type { Money } from '@marketplace/values';
import { AuthorisePayment, CapturePayment, RefundPayment, VoidPayment } from '../contract/payment-commands.js';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundDeclined,
} from '../contract/payment-events.js';
import { operationOf } from './operation.js';
import {
  AlreadyCaptured,
  AnswerKnown,
  NothingAuthorised,
  NothingCaptured,
  PaymentDiffers,
  RefundDiffers,
  RefundTooLarge,
} from './payment-errors.js';
import { AskAgain, GiveUpAuthorisation, RecordAnswer } from './provider-commands.js';
import {
  HoldReleased,
  OutcomeUnknown,
  ProviderAsked,
  RefundAwaitsCapture,
  VoidAwaitsAnswer,
} from './provider-events.js';

/** The refund of an amount that the provider took after it had been stated that it would not. */
export const UNWANTED_CAPTURE = 'unwanted-capture';

type Status = 'none' | 'authorising' | 'authorised' | 'declined' | 'capturing' | 'captured' | 'voiding' | 'voided';

/** What the provider was asked and has not answered. */
type Request = Omit<ProviderAsked, 'orderId' | 'attempt' | 'key' | 'last'>;

interface Refund {
  readonly amount: Money;
  readonly stage: 'waiting' | 'asked' | 'refunded' | 'declined';
}

/**
 * The money of one order. It decides what the provider is asked (`ProviderAsked`) and what its answers mean; it asks nobody
 * itself. Its rules: an order is charged once, and no more is given back than was taken.
 *
 * Of a void and a capture, the one that is first in the stream wins; the other is refused. An answer counts once, whether it
 * comes as an answer or a callback, and one that comes against what was stated before has its effect undone.
 */
@Aggregate({ category: 'payment.payment', id: 'orderId' })
export class Payment {
  private status: Status = 'none';
  private amount: Money = { amount: 0, currency: '' };
  private token = '';
  private voidWanted = false;
  /** What the provider calls the amount that it holds, and the one that it took. */
  private holdReference: string | undefined;
  private captureReference: string | undefined;
  private voids = 0;
  /** Whether a void is asked for of what the provider has named, so that it cannot have come too early. */
  private voidIsSure = false;
  private awaited: Record<string, Request> = {};
  private refunds: Record<string, Refund> = {};

  // Folding

  @Apply(ProviderAsked)
  asked({ orderId: _orderId, attempt: _attempt, key: _key, last: _last, ...request }: ProviderAsked) {
    this.awaited[request.request] = request;
    const { operation, amount, token, reference } = request;
    if (operation === 'authorise') {
      this.status = 'authorising';
      this.amount = amount;
      this.token = token!;
    } else if (operation === 'capture') {
      this.status = 'capturing';
    } else if (operation === 'void') {
      this.voids = Math.max(this.voids, Number(request.request.slice('void-'.length)));
      if (reference !== undefined) this.voidIsSure = true;
      if (this.status === 'authorised') this.status = 'voiding';
    } else {
      this.refunds[refundIdOf(request.request)] = { amount, stage: 'asked' };
    }
  }

  @Apply(OutcomeUnknown)
  notKnown() {
    // The request is awaited still.
  }

  @Apply(VoidAwaitsAnswer)
  voidAsked() {
    this.voidWanted = true;
  }

  @Apply(RefundAwaitsCapture)
  refundAsked({ refundId, amount }: RefundAwaitsCapture) {
    this.refunds[refundId] = { amount, stage: 'waiting' };
  }

  @Apply(PaymentAuthorised)
  authorised({ amount, reference }: PaymentAuthorised) {
    delete this.awaited.authorise;
    this.status = 'authorised';
    this.amount = amount;
    this.holdReference = reference;
  }

  @Apply(PaymentDeclined)
  declined() {
    delete this.awaited.authorise;
    delete this.awaited.capture;
    this.status = 'declined';
  }

  @Apply(PaymentCaptured)
  captured({ reference }: PaymentCaptured) {
    delete this.awaited.capture;
    this.status = 'captured';
    this.captureReference = reference;
  }

  @Apply(HoldReleased)
  released({ request }: HoldReleased) {
    delete this.awaited[request];
  }

  @Apply(PaymentVoided)
  voided() {
    if (this.status !== 'declined') this.status = 'voided';
  }

  @Apply(PaymentRefunded)
  refunded({ refundId, amount }: PaymentRefunded) {
    delete this.awaited[`refund-${refundId}`];
    this.refunds[refundId] = { amount, stage: 'refunded' };
  }

  @Apply(RefundDeclined)
  notRefunded({ refundId, amount }: RefundDeclined) {
    delete this.awaited[`refund-${refundId}`];
    this.refunds[refundId] = { amount, stage: 'declined' };
  }

  // Deciding: what others want

  @Handle(AuthorisePayment)
  authorise({ orderId, amount, token }: AuthorisePayment): Decision {
    if (this.status === 'none') {
      // There is nothing to hold, and providers hold no nothing.
      if (amount.amount === 0) return event(PaymentAuthorised, { orderId, amount });
      return ask(orderId, { request: 'authorise', operation: 'authorise', amount, token });
    }
    const isSameCard = this.token === '' || this.token === token;
    if (!isSame(this.amount, amount) || !isSameCard) throw new PaymentDiffers(orderId, this.amount, amount);
    return undefined; // it is under way or done: the command came again
  }

  @Handle(CapturePayment)
  capture({ orderId }: CapturePayment): Decision {
    const { status, amount, holdReference: reference } = this;
    if (status === 'capturing' || status === 'captured') return undefined; // the command came again
    if (status !== 'authorised') throw new NothingAuthorised(orderId);
    if (amount.amount === 0) return event(PaymentCaptured, { orderId, amount });
    return ask(orderId, { request: 'capture', operation: 'capture', amount, ...(reference && { reference }) });
  }

  @Handle(VoidPayment)
  void({ orderId }: VoidPayment): Decision {
    switch (this.status) {
      case 'authorising':
        return this.voidWanted ? undefined : event(VoidAwaitsAnswer, { orderId });
      case 'authorised':
        return this.amount.amount === 0 ? event(PaymentVoided, { orderId }) : this.askForVoid(orderId);
      case 'capturing':
      case 'captured':
        throw new AlreadyCaptured(orderId);
      case 'voiding':
      case 'voided':
        return undefined; // the command came again
      default:
        throw new NothingAuthorised(orderId);
    }
  }

  @Handle(RefundPayment)
  refund({ orderId, refundId, amount }: RefundPayment): Decision {
    const known = this.refundOf(refundId)?.amount;
    if (known && !isSame(known, amount)) throw new RefundDiffers(orderId, refundId, known, amount);
    if (known) return undefined; // the command came again
    if (this.status !== 'captured' && this.status !== 'capturing') throw new NothingCaptured(orderId);
    if (amount.currency !== this.amount.currency) throw new RefundDiffers(orderId, refundId, this.amount, amount);
    const left = { ...amount, amount: this.amount.amount - this.givenBack() };
    if (amount.amount > left.amount) throw new RefundTooLarge(orderId, left, amount);
    if (amount.amount === 0) return event(PaymentRefunded, { orderId, refundId, amount });
    if (this.status === 'capturing') return event(RefundAwaitsCapture, { orderId, refundId, amount });
    return askForRefund(orderId, refundId, amount, this.captureReference);
  }

  // Deciding: what the provider said, or did not

  @Handle(RecordAnswer)
  record(answer: RecordAnswer): Decision {
    const { orderId, request, outcome } = answer;
    if (outcome === 'unknown') {
      const { key = '', attempt = 1 } = answer;
      return this.isAwaited(request) ? event(OutcomeUnknown, { orderId, request, key, attempt }) : undefined;
    }
    switch (operationOf(request)) {
      case 'authorise':
        return this.authorisationAnswered(answer);
      case 'capture':
        return this.captureAnswered(answer);
      case 'void':
        return this.voidAnswered(answer);
      case 'refund':
        return this.refundAnswered(answer);
    }
  }

  @Handle(AskAgain)
  askAgain({ orderId, request, key, attempt, last }: AskAgain): Decision {
    if (!this.isAwaited(request)) throw new AnswerKnown(orderId, request);
    return event(ProviderAsked, { orderId, ...this.awaited[request]!, key, attempt, ...(last && { last }) });
  }

  @Handle(GiveUpAuthorisation)
  giveUp({ orderId, key }: GiveUpAuthorisation): Decision {
    if (!this.isAwaited('authorise')) return undefined;
    const reason = 'NoAnswer: the provider did not say in time whether it authorises the payment';
    return [event(PaymentDeclined, { orderId, reason }), this.askForVoid(orderId, { authorisationKey: key })];
  }

  private authorisationAnswered({ orderId, outcome, reference, reason }: RecordAnswer): Decision {
    const { amount } = this;
    if (this.isAwaited('authorise')) {
      if (outcome === 'declined') return event(PaymentDeclined, { orderId, reason: reasonOf(reason) });
      const authorised = event(PaymentAuthorised, { orderId, amount, ...(reference && { reference }) });
      return this.voidWanted ? [authorised, this.askForVoid(orderId, { reference })] : authorised;
    }
    // It was given up, and is held after all. A void that was asked for before this was known may have come too early.
    const isUnwanted = outcome === 'done' && this.status === 'declined' && !this.voidIsSure;
    return isUnwanted ? this.askForVoid(orderId, { reference }) : undefined;
  }

  private captureAnswered({ orderId, outcome, reference, reason }: RecordAnswer): Decision {
    const { amount } = this;
    const captured = event(PaymentCaptured, { orderId, amount, ...(reference && { reference }) });
    if (this.isAwaited('capture')) {
      if (outcome === 'done') {
        const refunds = this.waitingRefunds().map(([id, refund]) =>
          askForRefund(orderId, id, refund.amount, reference),
        );
        return [captured, ...refunds];
      }
      return [
        event(PaymentDeclined, { orderId, reason: reasonOf(reason) }),
        ...this.waitingRefunds().map(([refundId, refund]) =>
          event(RefundDeclined, { orderId, refundId, amount: refund.amount, reason: 'Nothing was captured' }),
        ),
        this.askForVoid(orderId),
      ];
    }
    const wasDeclined = this.status === 'declined' && this.holdReference !== undefined;
    return outcome === 'done' && wasDeclined ? this.giveBackUnwanted(orderId, reference) : undefined;
  }

  private voidAnswered({ orderId, request, outcome, reference }: RecordAnswer): Decision {
    if (!this.isAwaited(request)) return undefined;
    const released = event(HoldReleased, { orderId, request });
    const isOver = this.status === 'voiding' || this.status === 'declined';
    if (outcome === 'done') return isOver ? [released, event(PaymentVoided, { orderId })] : released;
    // It says no where the amount is not held any more, because it was taken.
    return isOver && reference ? [released, ...this.giveBackUnwanted(orderId, reference)] : undefined;
  }

  /** The amount was taken against what was stated. It is given back. */
  private giveBackUnwanted(orderId: string, reference: string | undefined): DomainEvent[] {
    const { amount } = this;
    return [
      event(PaymentCaptured, { orderId, amount, ...(reference && { reference }) }),
      askForRefund(orderId, UNWANTED_CAPTURE, amount, reference),
    ];
  }

  private refundAnswered({ orderId, request, outcome, reference, reason }: RecordAnswer): Decision {
    const refundId = refundIdOf(request);
    const refund = this.refundOf(refundId);
    if (!refund || refund.stage === 'refunded') return undefined;
    const { amount } = refund;
    if (outcome === 'done')
      return event(PaymentRefunded, { orderId, refundId, amount, ...(reference && { reference }) });
    if (!this.isAwaited(request)) return undefined;
    return event(RefundDeclined, { orderId, refundId, amount, reason: reasonOf(reason) });
  }

  private askForVoid(
    orderId: string,
    {
      reference = this.holdReference,
      authorisationKey,
    }: { reference?: string | undefined; authorisationKey?: string } = {},
  ): DomainEvent {
    return ask(orderId, {
      request: `void-${this.voids + 1}`,
      operation: 'void',
      amount: this.amount,
      ...(reference && { reference }),
      ...(authorisationKey && { authorisationKey, token: this.token }),
    });
  }

  private isAwaited(request: string): boolean {
    return Object.hasOwn(this.awaited, request);
  }

  private refundOf(refundId: string): Refund | undefined {
    // A refund may be called 'constructor'.
    return Object.hasOwn(this.refunds, refundId) ? this.refunds[refundId] : undefined;
  }

  private waitingRefunds(): [string, Refund][] {
    return Object.entries(this.refunds).filter(([, { stage }]) => stage === 'waiting');
  }

  /** What is given back, or asked to be. */
  private givenBack(): number {
    return Object.values(this.refunds)
      .filter(({ stage }) => stage !== 'declined')
      .reduce((sum, { amount }) => sum + amount.amount, 0);
  }
}

function ask(orderId: string, request: Request): DomainEvent {
  return event(ProviderAsked, { orderId, ...request, attempt: 1 });
}

function askForRefund(orderId: string, refundId: string, amount: Money, reference: string | undefined): DomainEvent {
  return ask(orderId, {
    request: `refund-${refundId}`,
    operation: 'refund',
    amount,
    ...(reference && { reference }),
  });
}

function refundIdOf(request: string): string {
  return request.slice('refund-'.length);
}

function reasonOf(reason = 'The provider gave no reason'): string {
  return reason.slice(0, 200);
}

function isSame(one: Money, other: Money): boolean {
  return one.amount === other.amount && one.currency === other.currency;
}
