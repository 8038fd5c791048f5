import { describe, expect, it } from '@jest/globals';
import type { EventMetadata, Reaction } from '@gesta/core';
import type { CommandBus } from '@nestjs/cqrs';
import type { RecordAnswer } from '../domain/provider-commands.js';
import type { ProviderAsked } from '../domain/provider-events.js';
import type { Answer, Asked, PaymentProvider } from '../provider/payment-provider.js';
import { paymentSettings } from '../provider/payment-settings.js';
import { PaymentRequests, VoidRefused } from './payment-requests.reactor.js';

const amount = { amount: 100, currency: 'EUR' };
const request = (fields: Partial<ProviderAsked>) =>
  ({
    orderId: 'a',
    request: 'authorise',
    operation: 'authorise',
    amount,
    attempt: 1,
    token: 'tok_ok',
    ...fields,
  }) as ProviderAsked;
const done: Answer = { outcome: 'done', reference: 'hold' };

describe('PaymentRequests', () => {
  /** The reactor with a provider that answers so, and what came of it. */
  async function asked(
    event: ProviderAsked,
    answer: (operation: string, asked: Asked) => Promise<Answer> | Answer,
    signal?: AbortSignal,
  ) {
    const calls: [string, Asked][] = [];
    const recorded: RecordAnswer[] = [];
    const call = (operation: string) => async (each: Asked) => {
      calls.push([operation, each]);
      return answer(operation, each);
    };
    const provider = {
      authorise: call('authorise'),
      capture: call('capture'),
      void: call('void'),
      refund: call('refund'),
    };
    const commands = { execute: (command: RecordAnswer) => Promise.resolve(void recorded.push(command)) };
    const settings = paymentSettings({ MARKETPLACE_PAYMENT_TIMEOUT_MS: '20' });
    const reactor = new PaymentRequests(
      provider as unknown as PaymentProvider,
      settings,
      commands as unknown as CommandBus,
    );
    const reaction: Reaction = {
      idempotencyKey: 'key of the event',
      attempt: 1,
      signal: signal ?? new AbortController().signal,
    };
    await reactor.asked(event, {} as EventMetadata, reaction);
    return { calls, recorded: recorded.map((command) => ({ ...command })) };
  }
  const failing = () => Promise.reject(new Error('The connection was lost'));

  it('asks under a key that follows from the event, and records the answer', async () => {
    const { calls, recorded } = await asked(request({}), () => done);
    expect(calls).toMatchObject([['authorise', { key: 'key of the event', orderId: 'a', amount, token: 'tok_ok' }]]);
    expect(recorded).toEqual([{ orderId: 'a', request: 'authorise', ...done }]);
  });

  it('asks again under the key of the first time', async () => {
    const { calls } = await asked(request({ key: 'the first key', attempt: 2 }), () => done);
    expect(calls).toMatchObject([['authorise', { key: 'the first key', attempt: 2 }]]);
  });

  it.each([
    ['fails', failing],
    ['never ends', () => new Promise<Answer>(() => undefined)],
  ])('records that the outcome is unknown where the provider %s', async (_, answer) => {
    const { recorded } = await asked(request({}), answer);
    const unknown = { outcome: 'unknown', key: 'key of the event', attempt: 1 };
    expect(recorded).toEqual([{ orderId: 'a', request: 'authorise', ...unknown }]);
  });

  it('fails, for an operator to see, where it was asked for the last time', async () => {
    await expect(asked(request({ last: true }), failing)).rejects.toThrow('The connection was lost');
  });

  it('leaves the request to whoever is next where it has to stop', async () => {
    await expect(asked(request({}), failing, AbortSignal.abort())).rejects.toThrow();
  });

  it('voids what it has no name for by asking for the authorisation again under its key', async () => {
    const unnamed = request({ request: 'void-1', operation: 'void', authorisationKey: 'the first key' });
    const { calls, recorded } = await asked(unnamed, () => done);
    expect(calls).toMatchObject([
      ['authorise', { key: 'the first key', request: 'authorise', attempt: 2, token: 'tok_ok' }],
      ['void', { key: 'key of the event', request: 'void-1', reference: 'hold' }],
    ]);
    expect(recorded).toMatchObject([{ request: 'void-1', outcome: 'done' }]);
  });

  it('has voided what turns out never to have been held', async () => {
    const unnamed = request({ request: 'void-1', operation: 'void', authorisationKey: 'the first key' });
    const { calls, recorded } = await asked(unnamed, () => ({ outcome: 'declined', reason: 'CardDeclined' }));
    expect(calls.map(([operation]) => operation)).toEqual(['authorise']);
    expect(recorded).toMatchObject([{ request: 'void-1', outcome: 'done' }]);
  });

  it('fails where a void is declined and nothing says why the amount is not held', async () => {
    const named = request({ request: 'void-1', operation: 'void', reference: 'hold' });
    const no: Answer = { outcome: 'declined', reason: 'No' };
    await expect(asked(named, () => no)).rejects.toThrow(VoidRefused);
    const { recorded } = await asked(named, () => ({ ...no, reference: 'taken' }));
    expect(recorded).toMatchObject([{ request: 'void-1', outcome: 'declined', reference: 'taken' }]);
  });
});
