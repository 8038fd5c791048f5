import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { BadCallback, type Answer, type Callback, type PaymentProvider } from '../src/provider/payment-provider.js';
import type { StandIn } from './stand-in.js';

/** A provider beside the server that stands in for it. */
export interface ProviderUnderTest {
  readonly standIn: StandIn;
  /** @param url where the stand-in is */
  readonly open: (url: string) => PaymentProvider;
  /** What it must never show. */
  readonly secrets: readonly string[];
  /** Tokens for cards: one that is good, each time another one where a token can be used once, and one that is declined. */
  readonly goodToken: () => string;
  readonly badToken: string;
  /** A callback that says that the amount is held, or taken, signed at the time. */
  readonly callback: (
    operation: 'authorise' | 'capture',
    reference: string,
    at: Date,
  ) => Omit<Callback, 'now' | 'signal'>;
  /** The same, with a signature that is not the provider's. */
  readonly forged: (callback: Omit<Callback, 'now' | 'signal'>) => Omit<Callback, 'now' | 'signal'>;
  /** A callback that is signed and about something else. */
  readonly aboutOther: (at: Date) => Omit<Callback, 'now' | 'signal'>;
}

/** What every provider that is asked over HTTP has to do. */
export function providerBehaviour(make: () => ProviderUnderTest): void {
  const orderId = 'order-1';
  const amount = { amount: 1_999, currency: 'EUR' };
  let under: ProviderUnderTest;
  let provider: PaymentProvider;
  let keys = 0;

  beforeEach(async () => {
    under = make();
    provider = under.open(await under.standIn.open());
  });
  afterEach(() => under.standIn.close());

  const asked = (request: string, key = `key-${++keys}`) => {
    const signal = AbortSignal.timeout(20_000);
    return { key, orderId, request, amount, attempt: 1, signal };
  };
  const authorise = (token = under.goodToken()) => provider.authorise({ ...asked('authorise'), token });
  const referenceOf = async (answer: Promise<Answer>): Promise<string> => {
    const { outcome, reference } = (await answer) as { outcome: string; reference: string };
    expect(outcome).toBe('done');
    return reference;
  };
  const captured = async () => {
    const hold = await referenceOf(authorise());
    return { hold, capture: await referenceOf(provider.capture({ ...asked('capture'), reference: hold })) };
  };
  const states = () => [...under.standIn.holds.values()].map(({ state }) => state);

  /** Asks, loses the answer, and asks again under the same key. */
  async function askedTwice(ask: (attempt: number) => Promise<Answer>): Promise<Answer> {
    under.standIn.losesAnswers = true; // a library may ask once more by itself
    await expect(ask(1)).rejects.toThrow();
    under.standIn.losesAnswers = false;
    return ask(2);
  }

  it('holds, takes and gives back', async () => {
    const { capture } = await captured();
    expect(states()).toEqual(['captured']);
    const part = { amount: 999, currency: 'EUR' };
    await referenceOf(provider.refund({ ...asked('refund-r'), reference: capture, amount: part }));
    await referenceOf(
      provider.refund({ ...asked('refund-s'), reference: capture, amount: { amount: 1_000, currency: 'EUR' } }),
    );
    const [first] = under.standIn.holds.values();
    const parts = under.standIn.refunds.map((refund) => Number(refund.amount));
    expect(parts.reduce((sum, each) => sum + each)).toBeCloseTo(Number(first!.amount));
  });

  it('holds and lets go', async () => {
    const reference = await referenceOf(authorise());
    await referenceOf(provider.void({ ...asked('void-1'), reference }));
    expect(states()).toEqual(['voided']);
  });

  it('says no for a card that is declined', async () => {
    expect(await authorise(under.badToken)).toEqual({ outcome: 'declined', reason: expect.any(String) });
    expect(states()).toEqual([]);
  });

  describe('asked again, as the answer was lost', () => {
    it('holds once', async () => {
      const [token, key] = [under.goodToken(), 'the key'];
      const answer = await askedTwice((attempt) => provider.authorise({ ...asked('authorise', key), token, attempt }));
      expect(answer).toEqual({ outcome: 'done', reference: [...under.standIn.holds.keys()][0] });
      expect(states()).toEqual(['held']);
    });

    it('holds once, too, where nobody remembers that it was asked before', async () => {
      const [token, key] = [under.goodToken(), 'the key'];
      await askedTwice(() => provider.authorise({ ...asked('authorise', key), token, attempt: 1 }));
      expect(states()).toEqual(['held']);
    });

    it('takes once, lets go once and gives back once', async () => {
      const reference = await referenceOf(authorise());
      const capture = await referenceOf(
        askedTwice((attempt) => provider.capture({ ...asked('capture', 'capture key'), reference, attempt })),
      );
      const part = { amount: 500, currency: 'EUR' };
      for (const each of [1, 2]) {
        await referenceOf(
          askedTwice((attempt) =>
            provider.refund({ ...asked('refund-r', `refund key ${each}`), reference: capture, amount: part, attempt }),
          ),
        );
      }
      expect(under.standIn.refunds).toHaveLength(2);
      const other = await referenceOf(authorise());
      await referenceOf(
        askedTwice((attempt) => provider.void({ ...asked('void-1', 'void key'), reference: other, attempt })),
      );
      expect(states()).toEqual(['captured', 'voided']);
    });
  });

  it('knows under another key what was taken or let go before', async () => {
    const { hold } = await captured();
    expect(await provider.capture({ ...asked('capture'), reference: hold })).toMatchObject({ outcome: 'done' });
    const other = await referenceOf(authorise());
    await referenceOf(provider.void({ ...asked('void-1'), reference: other }));
    expect(await provider.void({ ...asked('void-2'), reference: other })).toMatchObject({ outcome: 'done' });
    expect(await provider.capture({ ...asked('capture'), reference: other })).toMatchObject({ outcome: 'declined' });
  });

  it('says which capture stands in the way of letting go', async () => {
    const { hold, capture } = await captured();
    expect(await provider.void({ ...asked('void-1'), reference: hold })).toMatchObject({
      outcome: 'declined',
      reference: capture,
    });
  });

  it('says no to giving back more than was taken', async () => {
    const { capture } = await captured();
    const more = { amount: 2_000, currency: 'EUR' };
    expect(await provider.refund({ ...asked('refund-r'), reference: capture, amount: more })).toMatchObject({
      outcome: 'declined',
    });
  });

  it.each([200, 401, 429, 500, 503])(
    'does not know what has come of it where it is answered with %i',
    async (status) => {
      under.standIn.failure = status;
      const failed = await authorise().then(
        () => undefined,
        (error: Error) => `${error.message} ${error.stack}`,
      );
      expect(failed).toEqual(expect.any(String));
      for (const secret of under.secrets) expect(failed).not.toContain(secret);
    },
  );

  describe('called back', () => {
    const at = new Date('2026-06-01T12:00:00Z');
    const received = (callback: Omit<Callback, 'now' | 'signal'>, now = at): Callback => {
      return { ...callback, now, signal: AbortSignal.timeout(20_000) };
    };

    it('says what is held and what is taken', async () => {
      const hold = await referenceOf(authorise());
      for (const operation of ['authorise', 'capture'] as const) {
        expect(await provider.verify(received(under.callback(operation, hold, at)))).toEqual({
          orderId,
          request: operation,
          answer: { outcome: 'done', reference: hold },
        });
      }
    });

    it('takes no callback that is by another, too old, from the future, or without a signature', async () => {
      const hold = await referenceOf(authorise());
      const good = under.callback('authorise', hold, at);
      const wrong = [
        received(under.forged(good)),
        received(good, new Date(at.getTime() + 301_000)),
        received(good, new Date(at.getTime() - 301_000)),
        received({ ...good, headers: {} }),
      ];
      for (const callback of wrong) await expect(provider.verify(callback)).rejects.toThrow(BadCallback);
    });

    it('says nothing of what is about something else', async () => {
      expect(await provider.verify(received(under.aboutOther(at)))).toBeUndefined();
    });
  });
}
