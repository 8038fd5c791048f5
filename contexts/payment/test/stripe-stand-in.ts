import { StandIn, type StandInAnswer, type StandInRequest } from './stand-in.js';

const error = (status: number, fields: object): StandInAnswer => ({ status, body: { error: fields } });

/** Stripe's PaymentIntents and refunds. */
export class StripeStandIn extends StandIn {
  protected answer(request: StandInRequest): StandInAnswer {
    const { method, path, headers } = request;
    if (headers.authorization !== 'Bearer sk_test_secret') return error(401, { type: 'authentication_error' });
    const key = headers['idempotency-key'] as string | undefined;
    const fields = new URLSearchParams(request.body);
    const [, , kind, id = '', action] = path.split('/');
    if (method === 'GET') return { status: 200, body: this.intent(id) };
    if (kind === 'refunds') return this.once(key, request, () => this.refund(fields));
    return this.once(key, request, () => {
      if (action === undefined) return this.create(fields);
      return action === 'capture' ? this.capture(id) : this.cancel(id);
    });
  }

  private create(fields: URLSearchParams): StandInAnswer {
    const isByHand = fields.get('capture_method') === 'manual' && fields.get('confirm') === 'true';
    if (!isByHand) return error(400, { type: 'invalid_request_error', code: 'not_by_hand' });
    if (fields.get('payment_method') === 'pm_declined') {
      return error(402, { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds' });
    }
    if (fields.get('payment_method_data[card][token]') === 'tok_unknown') {
      return error(400, { type: 'invalid_request_error', code: 'resource_missing' });
    }
    const { reference } = this.hold(this.number('pi_'), fields.get('amount')!);
    return { status: 200, body: this.intent(reference) };
  }

  private capture(id: string): StandInAnswer {
    const hold = this.holds.get(id);
    if (hold?.state !== 'held')
      return error(400, { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' });
    hold.state = 'captured';
    return { status: 200, body: this.intent(id) };
  }

  private cancel(id: string): StandInAnswer {
    const hold = this.holds.get(id);
    if (hold?.state !== 'held')
      return error(400, { type: 'invalid_request_error', code: 'payment_intent_unexpected_state' });
    hold.state = 'voided';
    return { status: 200, body: this.intent(id) };
  }

  private refund(fields: URLSearchParams): StandInAnswer {
    const capture = fields.get('payment_intent')!;
    const amount = fields.get('amount')!;
    const left =
      Number(this.holds.get(capture)!.amount) -
      this.refunds
        .filter((refund) => refund.capture === capture)
        .reduce((sum, refund) => sum + Number(refund.amount), 0);
    if (Number(amount) > left) return error(400, { type: 'invalid_request_error', code: 'charge_already_refunded' });
    const refund = { reference: this.number('re_'), capture, amount };
    this.refunds.push(refund);
    return { status: 200, body: { id: refund.reference, object: 'refund', status: 'succeeded' } };
  }

  private intent(id: string) {
    const states = { held: 'requires_capture', captured: 'succeeded', voided: 'canceled' };
    return { id, object: 'payment_intent', status: states[this.holds.get(id)!.state] };
  }
}
