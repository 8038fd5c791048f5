import type { Money } from '@marketplace/values';

/** What is the same in all that a provider is asked. */
export interface Asked {
  /**
   * The idempotency key: what is asked again under the same key is done once, and answered alike. It differs for each request,
   * also for two of the same order.
   */
  readonly key: string;
  readonly orderId: string;
  /** Names the request within the order. A provider keeps it with what it does, and says it in its callbacks. */
  readonly request: string;
  readonly amount: Money;
  /** The how many-th time that this is asked, as far as is known, from 1. */
  readonly attempt: number;
  /** Aborts when the answer is not waited for any longer. */
  readonly signal: AbortSignal;
}

export interface AskedToAuthorise extends Asked {
  /** The provider's word for the card. */
  readonly token: string;
}

export interface AskedToCapture extends Asked {
  /** What the provider calls the authorisation. */
  readonly reference: string;
}

export interface AskedToVoid extends Asked {
  /** What the provider calls the authorisation. */
  readonly reference: string;
}

export interface AskedToRefund extends Asked {
  /** What the provider calls the capture. */
  readonly reference: string;
}

/** A provider's answer: it has done what it was asked, or it has not and never will under the same key. */
export type Answer =
  | { readonly outcome: 'done'; readonly reference: string }
  /**
   * With a `reference` where a void is declined because the amount was captured: what the provider calls the capture.
   */
  | { readonly outcome: 'declined'; readonly reason: string; readonly reference?: string };

/** A callback as it came in. */
export interface Callback {
  /** The body, byte for byte: that is what is signed. */
  readonly body: Buffer;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** What a callback says of a request. */
export interface CalledBack {
  readonly orderId: string;
  readonly request: string;
  readonly answer: Answer;
}

/**
 * Whoever holds and moves the money. Each method resolves with a definite answer. Whatever it throws means that the outcome is
 * not known: the same is asked again under the same key, and is then done once.
 */
export interface PaymentProvider {
  /** Its name in the environment and in the address of its callbacks. */
  readonly name: string;
  authorise(asked: AskedToAuthorise): Promise<Answer>;
  capture(asked: AskedToCapture): Promise<Answer>;
  /** Lets go of what is held. Done, too, where it is not held any more and was not taken. */
  void(asked: AskedToVoid): Promise<Answer>;
  refund(asked: AskedToRefund): Promise<Answer>;
  /**
   * What a callback says; `undefined` where it is about something else.
   * @throws {BadCallback} when it is not by the provider, or too old
   */
  verify(callback: Callback): Promise<CalledBack | undefined>;
}

export const PAYMENT_PROVIDER = Symbol('PaymentProvider');

/** A callback that is not the provider's, was changed on its way, or is from too long ago. */
export class BadCallback extends Error {
  override readonly name = 'BadCallback';
}
