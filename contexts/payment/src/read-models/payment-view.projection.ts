import { Project, Projection } from '@gesta/core';
import type { Money } from '@marketplace/values';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../contract/payment-events.js';
import { ProviderAsked } from '../domain/provider-events.js';

export const PAYMENT_STATUSES = [
  'authorising',
  'authorised',
  'declined',
  'capturing',
  'captured',
  'voiding',
  'voided',
  'refunded',
] as const;
export type PaymentStatus = (typeof PAYMENT_STATUSES)[number];

/** How the payment of an order stands. */
export interface PaymentView {
  readonly orderId: string;
  /** `refunded` once all that was captured was given back. */
  readonly status: PaymentStatus;
  /** What the provider agreed to hold; it stays when the hold is gone. */
  readonly authorised: Money;
  readonly captured: Money;
  readonly refunded: Money;
  /** Why it was declined. */
  readonly reason?: string;
}

@Projection({ name: 'payment', indexes: [{ status: 1 }] })
export class PaymentViews {
  @Project(ProviderAsked)
  asked({ orderId, operation, amount }: ProviderAsked, before?: PaymentView): PaymentView | undefined {
    switch (operation) {
      case 'authorise':
        return before ?? nothingYet(orderId, 'authorising', amount);
      case 'capture':
        return before && { ...before, status: 'capturing' };
      case 'void':
        return before && (before.status === 'authorised' ? { ...before, status: 'voiding' } : before);
      default:
        return before;
    }
  }

  @Project(PaymentAuthorised)
  authorised({ orderId, amount }: PaymentAuthorised, before?: PaymentView): PaymentView {
    return { ...(before ?? nothingYet(orderId, 'authorised', amount)), status: 'authorised', authorised: amount };
  }

  @Project(PaymentDeclined)
  declined({ reason }: PaymentDeclined, before?: PaymentView): PaymentView | undefined {
    return before && { ...before, status: 'declined', reason };
  }

  @Project(PaymentCaptured)
  captured({ amount }: PaymentCaptured, before?: PaymentView): PaymentView | undefined {
    return before && { ...before, status: 'captured', captured: amount };
  }

  @Project(PaymentVoided)
  voided(_: PaymentVoided, before?: PaymentView): PaymentView | undefined {
    return before && (before.status === 'declined' ? before : { ...before, status: 'voided' });
  }

  @Project(PaymentRefunded)
  refunded({ amount }: PaymentRefunded, before?: PaymentView): PaymentView | undefined {
    if (!before) return undefined;
    const refunded = { ...amount, amount: before.refunded.amount + amount.amount };
    const isAll = refunded.amount >= before.captured.amount;
    return { ...before, refunded, status: isAll ? 'refunded' : before.status };
  }
}

function nothingYet(orderId: string, status: PaymentStatus, { currency }: Money): PaymentView {
  const nothing = { amount: 0, currency };
  return { orderId, status, authorised: nothing, captured: nothing, refunded: nothing };
}
