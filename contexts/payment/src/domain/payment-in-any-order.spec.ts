import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PaymentRun } from '../../test/payment-run.js';
import { StrictProvider, type Refusals } from '../../test/strict-provider.js';
import { AuthorisePayment, CapturePayment, RefundPayment, VoidPayment } from '../contract/payment-commands.js';

const orderId = 'order-1';
const euros = (amount: number) => ({ amount, currency: 'EUR' });
const WHOLE = 1_000;

const commands = [
  new AuthorisePayment({ orderId, amount: euros(WHOLE), token: 'tok_ok' }),
  new CapturePayment({ orderId }),
  new VoidPayment({ orderId }),
  new RefundPayment({ orderId, refundId: 'r', amount: euros(400) }),
  new RefundPayment({ orderId, refundId: 's', amount: euros(700) }),
  new RefundPayment({ orderId, refundId: 't', amount: euros(600) }),
];

/** All that can happen now. Everything but the commands may happen again to what it has happened to. */
function possible(run: PaymentRun): (() => void)[] {
  const { requests, calls, callbacks, unknown } = run;
  const waiting = calls.filter(({ isLeft }) => !isLeft);
  return [
    ...commands.map((command) => () => void run.execute(command)),
    ...(run.given < requests.length ? [() => run.call(run.given++)] : []),
    ...requests.slice(0, run.given).map((_, index) => () => run.call(index)), // given again, as after a crash
    ...calls.filter(({ answer }) => !answer).map((call) => () => run.arrive(call)),
    ...waiting.filter(({ answer }) => answer).map((call) => () => run.answer(call)),
    ...waiting.map((call) => () => {
      call.isLeft = true;
      run.timeOut(call);
    }),
    ...callbacks.map(
      ({ request, answer }) =>
        () =>
          run.record(request, answer),
    ),
    ...unknown.map((outcome) => () => run.askAgain(outcome)),
    ...unknown.filter(({ request }) => request === 'authorise').map((outcome) => () => run.giveUp(outcome)),
  ];
}

/** Lets all that is under way come to its end, with no callback's help. */
function settle(run: PaymentRun): void {
  for (let before = -1; before !== run.log.length + run.calls.length;) {
    before = run.log.length + run.calls.length;
    while (run.given < run.requests.length) run.call(run.given++);
    for (const call of run.calls) {
      if (!call.answer) run.arrive(call);
      if (!call.isLeft) run.answer(call);
    }
    for (const outcome of run.unknown.splice(0)) run.askAgain(outcome);
  }
}

function checkBooks(run: PaymentRun): void {
  const { provider } = run;
  expect(provider.holds.size).toBeLessThanOrEqual(1);
  expect(provider.captures).toBeLessThanOrEqual(1);
  expect(provider.refunded).toBeLessThanOrEqual(provider.captured);
  expect(provider.captured - provider.refunded).toBeLessThanOrEqual(provider.authorised);
  expect(run.sumOf('PaymentCaptured') - run.sumOf('PaymentRefunded')).toBeLessThanOrEqual(WHOLE);
  expect(run.sumOf('PaymentRefunded')).toBeLessThanOrEqual(run.sumOf('PaymentCaptured'));
}

const refusals: fc.Arbitrary<Refusals> = fc.record({
  authorisation: fc.boolean(),
  capture: fc.boolean(),
  refund: fc.boolean(),
});

describe('A payment, in whatever order commands, answers, callbacks and repeats of them come', () => {
  it('is charged once, gives back no more than it took, and ends as the provider has it', () => {
    fc.assert(
      fc.property(refusals, fc.array(fc.nat(), { maxLength: 80 }), (refusing, choices) => {
        const run = new PaymentRun(new StrictProvider(refusing));
        run.execute(commands[0]!);
        for (const choice of choices) {
          const happenings = possible(run);
          happenings[choice % happenings.length]!();
          checkBooks(run);
        }
        settle(run);
        checkBooks(run);

        const { provider } = run;
        const [hold] = provider.holds.values();
        expect(run.sumOf('PaymentCaptured')).toBe(provider.captured);
        expect(run.sumOf('PaymentRefunded')).toBe(provider.refunded);
        if (run.has('PaymentDeclined') || run.has('PaymentVoided')) expect(hold?.state).not.toBe('held');
        else if (run.has('PaymentAuthorised') && !run.has('PaymentCaptured')) expect(hold?.state).toBe('held');
        expect(run.has('PaymentVoided') && run.has('PaymentCaptured')).toBe(false);
      }),
      { numRuns: 400 },
    );
  });

  it('ends with one of a void and a capture, whichever was first in the stream', () => {
    const ends = [
      [new CapturePayment({ orderId }), new VoidPayment({ orderId }), 'PaymentCaptured', 'PaymentVoided'],
      [new VoidPayment({ orderId }), new CapturePayment({ orderId }), 'PaymentVoided', 'PaymentCaptured'],
    ] as const;
    for (const [first, second, stated, notStated] of ends) {
      const run = new PaymentRun(new StrictProvider({ authorisation: false, capture: false, refund: false }));
      run.execute(commands[0]!);
      settle(run);
      expect(run.execute(first)).toBe(true);
      expect(run.execute(second)).toBe(false);
      settle(run);
      expect([run.has(stated), run.has(notStated)]).toEqual([true, false]);
    }
  });
});
