import { cancelDeadline, complete, deadline, OnDeadline, OnRefused, ProcessManager, send, When } from '@gesta/core';
import { AskAgain, GiveUpAuthorisation } from '../domain/provider-commands.js';
import { OutcomeUnknown } from '../domain/provider-events.js';

/** How long whoever ordered waits for an authorisation, from when its outcome was first unknown. */
export const TIME_TO_AUTHORISE = { minutes: 10 };
/**
 * How long other things are asked for. Less than the shortest time for which a provider remembers a key, which is PayPal's six
 * hours: after that, the same key might be taken for something new.
 */
export const TIME_TO_SETTLE = { hours: 5 };
/** The pause before it is asked for the second time, and the longest one, in seconds. */
export const FIRST_PAUSE_S = 1;
export const LONGEST_PAUSE_S = 300;

/** No order's id holds a slash. */
const byRequest = ({ orderId, request }: { orderId: string; request: string }) => `${orderId}/${request}`;

/**
 * Has a request asked again whose outcome is unknown, under the same key and with pauses that double, until the provider answers
 * or the time is up: then an authorisation counts as declined and is voided, and of anything else an operator is told. Nothing
 * begins here for a request that was answered.
 */
@ProcessManager({ name: 'unknown-outcomes', startFrom: 'beginning' })
export class UnknownOutcomes {
  private orderId = '';
  private request = '';
  private key = '';
  private attempt = 0;

  @When(OutcomeUnknown, byRequest)
  unknown({ orderId, request, key, attempt }: OutcomeUnknown) {
    const isFirst = this.attempt === 0;
    Object.assign(this, { orderId, request, key, attempt });
    const pause = deadline('pause', { seconds: Math.min(FIRST_PAUSE_S * 2 ** (attempt - 1), LONGEST_PAUSE_S) });
    if (!isFirst) return pause;
    return [pause, deadline('time is up', request === 'authorise' ? TIME_TO_AUTHORISE : TIME_TO_SETTLE)];
  }

  @OnDeadline('pause')
  askAgain() {
    const { orderId, request, key, attempt } = this;
    return send(AskAgain, { orderId, request, key, attempt: attempt + 1 });
  }

  @OnDeadline('time is up')
  giveUp() {
    const { orderId, request, key, attempt } = this;
    const end = [cancelDeadline('pause'), complete()];
    return request === 'authorise'
      ? [send(GiveUpAuthorisation, { orderId, key }), ...end]
      : [send(AskAgain, { orderId, request, key, attempt: attempt + 1, last: true }), ...end];
  }

  @OnRefused(AskAgain)
  answered() {
    return complete();
  }
}
