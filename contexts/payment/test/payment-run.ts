import {
  aggregateDefinition,
  DomainError,
  eventDefinition,
  type AggregateDefinition,
  type JsonObject,
  type RecordedEvent,
} from '@gesta/core';
import { Payment } from '../src/domain/payment.js';
import { AskAgain, GiveUpAuthorisation, RecordAnswer } from '../src/domain/provider-commands.js';
import type { OutcomeUnknown, ProviderAsked } from '../src/domain/provider-events.js';
import type { Answer } from '../src/provider/payment-provider.js';
import type { StrictProvider } from './strict-provider.js';

/** A request on its way to the provider. */
interface Call {
  readonly asked: ProviderAsked;
  readonly key: string;
  /** Whoever called does not wait for it any longer, or has its answer. */
  isLeft: boolean;
  answer?: Answer;
}

const ORDER = 'order-1';

/** One payment and its provider, with nothing happening by itself: whoever drives it says what comes next. */
export class PaymentRun {
  readonly log: { readonly type: string; readonly data: JsonObject }[] = [];
  /** What the provider calls back; each may come any number of times. */
  readonly callbacks: { readonly request: string; readonly answer: Answer }[] = [];
  readonly calls: Call[] = [];
  readonly unknown: OutcomeUnknown[] = [];
  /** How many of the requests in the log were given to whoever asks the provider. */
  given = 0;

  private readonly definition = aggregateDefinition<object>(Payment) as AggregateDefinition;
  private readonly payment = this.definition.create(ORDER);

  constructor(readonly provider: StrictProvider) {}

  get requests(): { readonly asked: ProviderAsked; readonly key: string }[] {
    return this.log.flatMap(({ type, data }, index) => {
      if (type !== 'ProviderAsked') return [];
      const asked = data as unknown as ProviderAsked;
      return [{ asked, key: asked.key ?? `key-${index}` }];
    });
  }

  /** @returns whether it was taken, not refused */
  execute(command: object): boolean {
    const handler = this.definition.handlers.find((each) => each.command === command.constructor)!;
    try {
      const decided = handler.decide(this.payment, command);
      for (const { eventClass, data } of this.definition.stated(this.payment, decided)) {
        const copy = JSON.parse(JSON.stringify(data)) as JsonObject;
        this.log.push({ type: eventClass.name, data: copy });
        this.definition.fold(this.payment, copy, eventDefinition(eventClass) as object as RecordedEvent);
        if (eventClass.name === 'OutcomeUnknown') this.unknown.push(copy as unknown as OutcomeUnknown);
      }
      return true;
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return false;
    }
  }

  /** The provider is called for a request of the log, which may be one that it was called for before. */
  call(index: number): void {
    this.calls.push({ ...this.requests[index]!, isLeft: false });
  }

  /** A call arrives, has its effect, and is answered and called back. */
  arrive(call: Call): void {
    const { operation, request, amount, reference, authorisationKey } = call.asked;
    call.answer = this.provider.ask({ operation, key: call.key, amount: amount.amount, reference, authorisationKey });
    this.callbacks.push({ request, answer: call.answer });
  }

  answer(call: Call): void {
    call.isLeft = true;
    this.record(call.asked.request, call.answer!);
  }

  timeOut({ asked: { request, attempt }, key }: Call): void {
    this.execute(new RecordAnswer({ orderId: ORDER, request, outcome: 'unknown', key, attempt }));
  }

  record(request: string, answer: Answer): void {
    this.execute(new RecordAnswer({ orderId: ORDER, request, ...answer }));
  }

  askAgain({ request, key, attempt }: OutcomeUnknown): void {
    this.execute(new AskAgain({ orderId: ORDER, request, key, attempt: attempt + 1 }));
  }

  giveUp({ key }: OutcomeUnknown): void {
    this.execute(new GiveUpAuthorisation({ orderId: ORDER, key }));
  }

  /** The amounts of all events of a kind. */
  sumOf(type: string): number {
    const events = this.log.filter((event) => event.type === type);
    return events.reduce((sum, { data }) => sum + (data.amount as { amount: number }).amount, 0);
  }

  has(type: string): boolean {
    return this.log.some((event) => event.type === type);
  }
}
