import { Reactor, When, type EventMetadata, type Reaction } from '@gesta/core';
import { Inject } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RecordAnswer } from '../domain/provider-commands.js';
import { ProviderAsked } from '../domain/provider-events.js';
import {
  PAYMENT_PROVIDER,
  type Answer,
  type AskedToAuthorise,
  type PaymentProvider,
} from '../provider/payment-provider.js';
import { PAYMENT_SETTINGS, type PaymentSettings } from '../provider/payment-settings.js';

/** The provider does not void what it holds, and says of no capture. An operator has to see to it. */
export class VoidRefused extends Error {
  override readonly name = 'VoidRefused';
}

/**
 * Asks the provider what the payment says that it is to be asked, and records what it answers. After a crash it asks again, under
 * the same key. Where there is no answer, that is recorded, and `unknown-outcomes` has it asked again; but what was asked for
 * the last time is left as a dead letter.
 */
@Reactor({ name: 'payment-requests', startFrom: 'beginning' })
export class PaymentRequests {
  constructor(
    @Inject(PAYMENT_PROVIDER) private readonly provider: PaymentProvider,
    @Inject(PAYMENT_SETTINGS) private readonly settings: PaymentSettings,
    private readonly commands: CommandBus,
  ) {}

  @When(ProviderAsked)
  async asked(asked: ProviderAsked, _meta: EventMetadata, { idempotencyKey, signal }: Reaction): Promise<void> {
    const { orderId, request, attempt, last, key = idempotencyKey } = asked;
    const inTime = AbortSignal.any([signal, AbortSignal.timeout(this.settings.timeoutMs)]);
    let answer: Answer;
    try {
      answer = await withoutWaiting(this.ask(asked, key, inTime), inTime);
    } catch (error) {
      // Left by a reader that stops: it is given again.
      if (last || signal.aborted) throw error;
      await this.commands.execute(new RecordAnswer({ orderId, request, outcome: 'unknown', key, attempt }));
      return;
    }
    if (asked.operation === 'void' && answer.outcome === 'declined' && !answer.reference) {
      throw new VoidRefused(`The provider does not void the payment of order '${orderId}': ${answer.reason}`);
    }
    await this.commands.execute(new RecordAnswer({ orderId, request, ...answer }));
  }

  private ask(asked: ProviderAsked, key: string, signal: AbortSignal): Promise<Answer> {
    const { orderId, request, operation, amount, attempt, token = '', reference = '', authorisationKey } = asked;
    const same = { key, orderId, request, amount, attempt, signal };
    switch (operation) {
      case 'authorise':
        return this.provider.authorise({ ...same, token });
      case 'capture':
        return this.provider.capture({ ...same, reference });
      case 'void':
        if (authorisationKey) return this.voidUnnamed({ ...same, token }, authorisationKey);
        return this.provider.void({ ...same, reference });
      case 'refund':
        return this.provider.refund({ ...same, reference });
    }
  }

  /**
   * Voids what the provider may hold and has not named: asked for the authorisation again under its key, it says what it calls it.
   * Had that never reached it, it holds the amount for a moment; and if it reaches it after this, it is a repeat.
   */
  private async voidUnnamed(asked: AskedToAuthorise, authorisationKey: string): Promise<Answer> {
    const attempt = asked.attempt + 1;
    const held = await this.provider.authorise({ ...asked, key: authorisationKey, request: 'authorise', attempt });
    if (held.outcome === 'declined') return { outcome: 'done', reference: 'none' };
    return this.provider.void({ ...asked, reference: held.reference });
  }
}

/** A provider that does not look at its signal is not waited for either. */
async function withoutWaiting<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const left = Promise.withResolvers<never>();
  const leave = () => left.reject(signal.reason as Error);
  signal.addEventListener('abort', leave);
  if (signal.aborted) leave();
  try {
    return await Promise.race([work, left.promise]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
