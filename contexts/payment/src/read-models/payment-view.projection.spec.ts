import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import { given, on } from '@gesta/testing';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
} from '../contract/payment-events.js';
import { ProviderAsked } from '../domain/provider-events.js';
import { PaymentViews } from './payment-view.projection.js';

const orderId = 'a';
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const amount = euros(1_000);
const stream = 'payment.payment-a';
const asked = (operation: ProviderAsked['operation'], request: string = operation) =>
  on(stream, event(ProviderAsked, { orderId, request, operation, amount, attempt: 1 }));
const authorised = on(stream, event(PaymentAuthorised, { orderId, amount }));
const captured = on(stream, event(PaymentCaptured, { orderId, amount }));
const declined = on(stream, event(PaymentDeclined, { orderId, reason: 'CardDeclined' }));
const voided = on(stream, event(PaymentVoided, { orderId }));
const refunded = (refundId: string, part: number) =>
  on(stream, event(PaymentRefunded, { orderId, refundId, amount: euros(part) }));

const view = (status: string, held: number, taken: number, back: number, fields: object = {}) => ({
  a: { orderId, status, authorised: euros(held), captured: euros(taken), refunded: euros(back), ...fields },
});

describe('PaymentViews', () => {
  it('shows what is awaited, held and taken', () => {
    given(PaymentViews)
      .when(asked('authorise'))
      .then(view('authorising', 0, 0, 0));
    given(PaymentViews, asked('authorise'))
      .when(authorised)
      .then(view('authorised', 1_000, 0, 0));
    given(PaymentViews, asked('authorise'), authorised)
      .when(asked('capture'))
      .then(view('capturing', 1_000, 0, 0));
    given(PaymentViews, asked('authorise'), authorised, asked('capture'))
      .when(captured)
      .then(view('captured', 1_000, 1_000, 0));
  });

  it('shows what was let go and what was declined', () => {
    given(PaymentViews, authorised)
      .when(asked('void', 'void-1'))
      .then(view('voiding', 1_000, 0, 0));
    given(PaymentViews, authorised, asked('void', 'void-1'))
      .when(voided)
      .then(view('voided', 1_000, 0, 0));
    given(PaymentViews, asked('authorise'))
      .when(declined)
      .then(view('declined', 0, 0, 0, { reason: 'CardDeclined' }));
    given(PaymentViews, asked('authorise'), declined)
      .when(voided)
      .then(view('declined', 0, 0, 0, { reason: 'CardDeclined' }));
  });

  it('adds up what was given back', () => {
    given(PaymentViews, authorised, captured)
      .when(refunded('r', 400))
      .then(view('captured', 1_000, 1_000, 400));
    given(PaymentViews, authorised, captured, refunded('r', 400))
      .when(refunded('s', 600))
      .then(view('refunded', 1_000, 1_000, 1_000));
  });

  it('shows an amount of nothing, for which no provider was asked', () => {
    const nothing = on(stream, event(PaymentAuthorised, { orderId, amount: euros(0) }));
    given(PaymentViews)
      .when(nothing)
      .then(view('authorised', 0, 0, 0));
  });
});
