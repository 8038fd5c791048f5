import { describe, it } from '@jest/globals';
import { event } from '@gesta/core';
import { given } from '@gesta/testing';
import { AuthorisePayment, CapturePayment, RefundPayment, VoidPayment } from '../contract/payment-commands.js';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundDeclined,
} from '../contract/payment-events.js';
import {
  AlreadyCaptured,
  AnswerKnown,
  NothingAuthorised,
  NothingCaptured,
  PaymentDiffers,
  RefundDiffers,
  RefundTooLarge,
} from './payment-errors.js';
import { Payment, UNWANTED_CAPTURE } from './payment.js';
import { AskAgain, GiveUpAuthorisation, RecordAnswer } from './provider-commands.js';
import {
  HoldReleased,
  OutcomeUnknown,
  ProviderAsked,
  RefundAwaitsCapture,
  VoidAwaitsAnswer,
} from './provider-events.js';

const orderId = 'a';
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const amount = euros(1_000);
const token = 'tok_ok';
const reason = 'CardDeclined';

const asked = (request: string, fields: object = {}) => {
  const operation = request.split('-', 1)[0] as ProviderAsked['operation'];
  return event(ProviderAsked, { orderId, request, operation, amount, attempt: 1, ...fields });
};
const askedToAuthorise = asked('authorise', { token });
const authorised = event(PaymentAuthorised, { orderId, amount, reference: 'hold' });
const askedToCapture = asked('capture', { reference: 'hold' });
const captured = event(PaymentCaptured, { orderId, amount, reference: 'taken' });
const declined = event(PaymentDeclined, { orderId, reason });
const askedToVoid = (number: number, fields: object = { reference: 'hold' }) => asked(`void-${number}`, fields);
const released = (number: number) => event(HoldReleased, { orderId, request: `void-${number}` });
const voided = event(PaymentVoided, { orderId });
const askedToRefund = (refundId: string, part: number) =>
  asked(`refund-${refundId}`, { amount: euros(part), reference: 'taken' });
const refunded = (refundId: string, part: number) =>
  event(PaymentRefunded, { orderId, refundId, amount: euros(part), reference: 'back' });

const authorise = new AuthorisePayment({ orderId, amount, token });
const capture = new CapturePayment({ orderId });
const letGo = new VoidPayment({ orderId });
const refund = (refundId: string, part: number, currency = 'EUR') =>
  new RefundPayment({ orderId, refundId, amount: { amount: part, currency } });
const done = (request: string, reference: string) => new RecordAnswer({ orderId, request, outcome: 'done', reference });
const no = (request: string) => new RecordAnswer({ orderId, request, outcome: 'declined', reason });

const held = [askedToAuthorise, authorised];
const taken = [...held, askedToCapture, captured];

describe('Payment', () => {
  describe('asked to authorise', () => {
    it('has the provider asked', () => {
      given(Payment).when(authorise).then(askedToAuthorise);
    });

    it('states nothing when it is asked for the same again, whatever has come of it', () => {
      for (const past of [[askedToAuthorise], held, taken, [askedToAuthorise, declined]]) {
        given(Payment, ...past)
          .when(authorise)
          .thenNothing();
      }
    });

    it('refuses another amount, another currency and another card', () => {
      given(Payment, ...held)
        .when(new AuthorisePayment({ orderId, amount: euros(1_001), token }))
        .thenRefused(PaymentDiffers, "The payment of order 'a' is for 1000 EUR and not for 1001 EUR");
      given(Payment, ...held)
        .when(new AuthorisePayment({ orderId, amount: { amount: 1_000, currency: 'USD' }, token }))
        .thenRefused(PaymentDiffers);
      given(Payment, ...held)
        .when(new AuthorisePayment({ orderId, amount, token: 'tok_other' }))
        .thenRefused(PaymentDiffers, "The payment of order 'a' was asked for with another token");
    });

    it('states what the provider says', () => {
      given(Payment, askedToAuthorise).when(done('authorise', 'hold')).then(authorised);
      given(Payment, askedToAuthorise).when(no('authorise')).then(declined);
    });

    it('knows an answer that comes again, and one that contradicts it', () => {
      given(Payment, ...held)
        .when(done('authorise', 'hold'))
        .thenNothing();
      given(Payment, ...held)
        .when(no('authorise'))
        .thenNothing();
      given(Payment, askedToAuthorise, declined).when(no('authorise')).thenNothing();
    });

    it('asks nobody for an amount of nothing', () => {
      const nothing = event(PaymentAuthorised, { orderId, amount: euros(0) });
      given(Payment)
        .when(new AuthorisePayment({ orderId, amount: euros(0), token }))
        .then(nothing);
      given(Payment, nothing)
        .when(capture)
        .then(event(PaymentCaptured, { orderId, amount: euros(0) }));
      given(Payment, nothing).when(letGo).then(voided);
    });
  });

  describe('without an answer', () => {
    const unknown = (request: string, attempt: number) =>
      new RecordAnswer({ orderId, request, outcome: 'unknown', key: 'key-1', attempt });
    const notKnown = (request: string, attempt: number) =>
      event(OutcomeUnknown, { orderId, request, key: 'key-1', attempt });

    it('states that the outcome is unknown, unless it is known by now', () => {
      given(Payment, askedToAuthorise).when(unknown('authorise', 1)).then(notKnown('authorise', 1));
      given(Payment, ...held)
        .when(unknown('authorise', 1))
        .thenNothing();
    });

    it('has the provider asked the same again, under the same key', () => {
      given(Payment, askedToAuthorise, notKnown('authorise', 1))
        .when(new AskAgain({ orderId, request: 'authorise', key: 'key-1', attempt: 2 }))
        .then(asked('authorise', { token, key: 'key-1', attempt: 2 }));
      given(Payment, ...held, askedToCapture, notKnown('capture', 1))
        .when(new AskAgain({ orderId, request: 'capture', key: 'key-1', attempt: 2, last: true }))
        .then(asked('capture', { reference: 'hold', key: 'key-1', attempt: 2, last: true }));
    });

    it('does not ask again what was answered, and does not charge for it twice', () => {
      given(Payment, ...held)
        .when(new AskAgain({ orderId, request: 'authorise', key: 'key-1', attempt: 2 }))
        .thenRefused(AnswerKnown);
      given(Payment, askedToAuthorise, notKnown('authorise', 1), askedToAuthorise, authorised)
        .when(done('authorise', 'hold'))
        .thenNothing();
    });

    const giveUp = new GiveUpAuthorisation({ orderId, key: 'key-1' });
    const givenUp = event(PaymentDeclined, {
      orderId,
      reason: 'NoAnswer: the provider did not say in time whether it authorises the payment',
    });
    const voidUnnamed = askedToVoid(1, { authorisationKey: 'key-1', token });

    it('counts as declined once the time is up, and lets go of what may be held', () => {
      given(Payment, askedToAuthorise, notKnown('authorise', 1)).when(giveUp).then(givenUp, voidUnnamed);
      given(Payment, ...held)
        .when(giveUp)
        .thenNothing();
    });

    it('lets go of what turns out to be held after that, once', () => {
      const late = [askedToAuthorise, notKnown('authorise', 1), givenUp, voidUnnamed];
      given(Payment, ...late)
        .when(done('authorise', 'hold'))
        .then(askedToVoid(2));
      // The void may have come before the authorisation.
      given(Payment, ...late, released(1), voided)
        .when(done('authorise', 'hold'))
        .then(askedToVoid(2));
      given(Payment, ...late, askedToVoid(2))
        .when(done('authorise', 'hold'))
        .thenNothing();
      given(Payment, ...late, released(1), voided, askedToVoid(2))
        .when(done('void-2', 'gone'))
        .then(released(2), voided);
    });
  });

  describe('asked to capture', () => {
    it('has the provider asked, and states what it says', () => {
      given(Payment, ...held)
        .when(capture)
        .then(askedToCapture);
      given(Payment, ...held, askedToCapture)
        .when(done('capture', 'taken'))
        .then(captured);
    });

    it('captures once', () => {
      given(Payment, ...held, askedToCapture)
        .when(capture)
        .thenNothing();
      given(Payment, ...taken)
        .when(capture)
        .thenNothing();
      given(Payment, ...taken)
        .when(done('capture', 'taken'))
        .thenNothing();
    });

    it('refuses where nothing is held', () => {
      for (const past of [[], [askedToAuthorise], [askedToAuthorise, declined], [...held, askedToVoid(1)]]) {
        given(Payment, ...past)
          .when(capture)
          .thenRefused(NothingAuthorised);
      }
    });

    it('declines the payment where the provider does not let go of it, and lets go of the hold', () => {
      given(Payment, ...held, askedToCapture)
        .when(no('capture'))
        .then(declined, askedToVoid(1));
    });

    it('gives back what is taken after it was stated that it would not be', () => {
      const unwanted = askedToRefund(UNWANTED_CAPTURE, 1_000);
      const past = [...held, askedToCapture, declined, askedToVoid(1)];
      given(Payment, ...past)
        .when(done('capture', 'taken'))
        .then(captured, unwanted);
      given(Payment, ...past)
        .when(new RecordAnswer({ orderId, request: 'void-1', outcome: 'declined', reason, reference: 'taken' }))
        .then(released(1), captured, unwanted);
      given(Payment, ...past, captured, unwanted)
        .when(done('capture', 'taken'))
        .thenNothing();
    });
  });

  describe('asked to let go', () => {
    it('has the provider asked, and states what it says', () => {
      given(Payment, ...held)
        .when(letGo)
        .then(askedToVoid(1));
      given(Payment, ...held, askedToVoid(1))
        .when(done('void-1', 'gone'))
        .then(released(1), voided);
    });

    it('waits for the answer to the authorisation', () => {
      const wanted = event(VoidAwaitsAnswer, { orderId });
      given(Payment, askedToAuthorise).when(letGo).then(wanted);
      given(Payment, askedToAuthorise, wanted).when(letGo).thenNothing();
      given(Payment, askedToAuthorise, wanted).when(done('authorise', 'hold')).then(authorised, askedToVoid(1));
      given(Payment, askedToAuthorise, wanted).when(no('authorise')).then(declined);
    });

    it('lets go once', () => {
      given(Payment, ...held, askedToVoid(1))
        .when(letGo)
        .thenNothing();
      given(Payment, ...held, askedToVoid(1), released(1), voided)
        .when(letGo)
        .thenNothing();
      given(Payment, ...held, askedToVoid(1), released(1), voided)
        .when(done('void-1', 'gone'))
        .thenNothing();
    });

    it('refuses where a capture was asked for before, and a capture where this was', () => {
      given(Payment, ...held, askedToCapture)
        .when(letGo)
        .thenRefused(AlreadyCaptured, "The payment of order 'a' is captured; it can be refunded");
      given(Payment, ...taken)
        .when(letGo)
        .thenRefused(AlreadyCaptured);
      given(Payment, ...held, askedToVoid(1))
        .when(capture)
        .thenRefused(NothingAuthorised);
    });

    it('refuses where nothing is held and nothing awaited', () => {
      given(Payment).when(letGo).thenRefused(NothingAuthorised);
      given(Payment, askedToAuthorise, declined).when(letGo).thenRefused(NothingAuthorised);
    });
  });

  describe('asked to give back', () => {
    it('has the provider asked, and states what it says', () => {
      given(Payment, ...taken)
        .when(refund('r', 400))
        .then(askedToRefund('r', 400));
      given(Payment, ...taken, askedToRefund('r', 400))
        .when(done('refund-r', 'back'))
        .then(refunded('r', 400));
      given(Payment, ...taken, askedToRefund('r', 400))
        .when(no('refund-r'))
        .then(event(RefundDeclined, { orderId, refundId: 'r', amount: euros(400), reason }));
    });

    it('gives each back once', () => {
      const past = [...taken, askedToRefund('r', 400)];
      given(Payment, ...past)
        .when(refund('r', 400))
        .thenNothing();
      given(Payment, ...past, refunded('r', 400))
        .when(refund('r', 400))
        .thenNothing();
      given(Payment, ...past, refunded('r', 400))
        .when(done('refund-r', 'back'))
        .thenNothing();
      given(Payment, ...past, refunded('r', 400))
        .when(refund('r', 401))
        .thenRefused(RefundDiffers);
    });

    it('gives back no more than was taken, whatever is under way', () => {
      given(Payment, ...taken, askedToRefund('r', 400))
        .when(refund('s', 600))
        .then(askedToRefund('s', 600));
      given(Payment, ...taken, askedToRefund('r', 400))
        .when(refund('s', 601))
        .thenRefused(RefundTooLarge, "Of the payment of order 'a' 600 EUR can be refunded, 601 EUR were asked for");
      const notGiven = event(RefundDeclined, { orderId, refundId: 'r', amount: euros(400), reason });
      given(Payment, ...taken, askedToRefund('r', 400), notGiven)
        .when(refund('s', 1_000))
        .then(askedToRefund('s', 1_000));
    });

    it('gives nothing back in another currency', () => {
      given(Payment, ...taken)
        .when(refund('r', 1, 'USD'))
        .thenRefused(RefundDiffers, "The payment of order 'a' is in EUR, so refund 'r' cannot be in USD");
    });

    it('refuses where nothing was captured', () => {
      for (const past of [[], held, [askedToAuthorise, declined]]) {
        given(Payment, ...past)
          .when(refund('r', 1))
          .thenRefused(NothingCaptured);
      }
    });

    it('waits for the answer to a capture', () => {
      const waiting = event(RefundAwaitsCapture, { orderId, refundId: 'r', amount: euros(400) });
      const past = [...held, askedToCapture];
      given(Payment, ...past)
        .when(refund('r', 400))
        .then(waiting);
      given(Payment, ...past, waiting)
        .when(done('capture', 'taken'))
        .then(captured, askedToRefund('r', 400));
      given(Payment, ...past, waiting)
        .when(no('capture'))
        .then(
          declined,
          event(RefundDeclined, { orderId, refundId: 'r', amount: euros(400), reason: 'Nothing was captured' }),
          askedToVoid(1),
        );
    });

    it('takes a refund by the name of something that every object has for one like any other', () => {
      given(Payment, ...taken)
        .when(refund('constructor', 400))
        .then(askedToRefund('constructor', 400));
    });
  });
});
