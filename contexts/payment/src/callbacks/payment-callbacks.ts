import { currentMessage, runInMessageContext } from '@gesta/core';
import { Injectable } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { RecordAnswer } from '../domain/provider-commands.js';
import type { Callback, PaymentProvider } from '../provider/payment-provider.js';

/** Takes what providers call back. */
@Injectable()
export class PaymentCallbacks {
  constructor(private readonly commands: CommandBus) {}

  /**
   * @returns whether it was about a payment
   * @throws {BadCallback} when it is not by the provider, or too old; then nothing is recorded
   */
  async take(provider: PaymentProvider, callback: Callback): Promise<boolean> {
    const said = await provider.verify(callback);
    if (!said) return false;
    const { orderId, request, answer } = said;
    // A message of its own, whatever it came in: the payment knows what it knows already, by whichever way it came.
    const { headers = {} } = currentMessage() ?? {};
    await runInMessageContext({ headers }, () =>
      this.commands.execute(new RecordAnswer({ orderId, request, ...answer })),
    );
    return true;
  }
}
