import { cents, StandIn, type StandInAnswer, type StandInRequest } from './stand-in.js';

const refusal = (issue: string): StandInAnswer => ({
  status: 422,
  body: { name: 'UNPROCESSABLE_ENTITY', details: [{ issue }] },
});

interface OrderBody {
  readonly intent: string;
  readonly purchase_units: readonly { readonly custom_id: string; readonly amount: { readonly value: string } }[];
  readonly payment_source: { readonly card: { readonly vault_id: string } };
}

/** PayPal's orders, authorisations, captures and refunds, and its check of callbacks. */
export class PayPalStandIn extends StandIn {
  /** What it was asked to verify, as it came. */
  readonly verified: string[] = [];

  protected answer(request: StandInRequest): StandInAnswer {
    const { method, path, headers, body } = request;
    if (path === '/v1/oauth2/token') {
      const isKnown = headers.authorization === `Basic ${Buffer.from('client:secret').toString('base64')}`;
      return isKnown
        ? { status: 200, body: { access_token: 'a-token', token_type: 'Bearer', expires_in: 3_600 } }
        : { status: 401, body: { error: 'invalid_client' } };
    }
    if (headers.authorization !== 'Bearer a-token') return { status: 401, body: { name: 'AUTHENTICATION_FAILURE' } };
    if (path === '/v1/notifications/verify-webhook-signature') {
      this.verified.push(body);
      const isSigned = (JSON.parse(body) as { transmission_sig: string }).transmission_sig === 'by PayPal';
      return { status: 200, body: { verification_status: isSigned ? 'SUCCESS' : 'FAILURE' } };
    }
    const key = headers['paypal-request-id'] as string | undefined;
    const [, , group, kind, id = '', action] = path.split('/');
    if (method === 'GET') return { status: 200, body: group === 'checkout' ? this.order(id) : this.authorisation(id) };
    return this.once(key, request, () => {
      if (group === 'checkout') return this.create(JSON.parse(body) as OrderBody);
      if (kind === 'captures') return this.refund(id, JSON.parse(body) as { amount: { value: string } });
      return action === 'capture' ? this.capture(id) : this.void(id);
    });
  }

  protected override isOfMoney(request: StandInRequest): boolean {
    return super.isOfMoney(request) && request.path.startsWith('/v2/');
  }

  private create({ intent, purchase_units: [unit], payment_source: { card } }: OrderBody): StandInAnswer {
    if (intent !== 'AUTHORIZE') return refusal('NOT_BY_HAND');
    if (card.vault_id === 'declined') return refusal('INSTRUMENT_DECLINED');
    const { reference } = this.hold(this.number('AUTH'), unit!.amount.value);
    return { status: 201, body: this.order(`ORDER-${reference}`) };
  }

  private capture(id: string): StandInAnswer {
    const hold = this.holds.get(id)!;
    if (hold.state === 'captured') return refusal('AUTHORIZATION_ALREADY_CAPTURED');
    if (hold.state === 'voided') return refusal('AUTHORIZATION_VOIDED');
    hold.state = 'captured';
    hold.capture = this.number('CAP');
    return { status: 201, body: { id: hold.capture, status: 'COMPLETED' } };
  }

  private void(id: string): StandInAnswer {
    const hold = this.holds.get(id)!;
    if (hold.state === 'captured') return refusal('PREVIOUSLY_CAPTURED');
    if (hold.state === 'voided') return refusal('PREVIOUSLY_VOIDED');
    hold.state = 'voided';
    return { status: 204 };
  }

  private refund(capture: string, { amount: { value } }: { amount: { value: string } }): StandInAnswer {
    const hold = [...this.holds.values()].find((each) => each.capture === capture)!;
    const refunded = this.refunds.filter((each) => each.capture === capture);
    const left = cents(hold.amount) - refunded.reduce((sum, { amount }) => sum + cents(amount), 0);
    if (cents(value) > left) return refusal('REFUND_AMOUNT_EXCEEDED');
    const refund = { reference: this.number('REF'), capture, amount: value };
    this.refunds.push(refund);
    return { status: 201, body: { id: refund.reference, status: 'COMPLETED' } };
  }

  private order(id: string) {
    const hold = this.holds.get(id.slice('ORDER-'.length))!;
    const authorizations = [{ id: hold.reference, status: hold.state === 'captured' ? 'CAPTURED' : 'CREATED' }];
    const captures = hold.capture ? [{ id: hold.capture, status: 'COMPLETED' }] : [];
    return { id, status: 'COMPLETED', purchase_units: [{ payments: { authorizations, captures } }] };
  }

  private authorisation(id: string) {
    const states = { held: 'CREATED', captured: 'CAPTURED', voided: 'VOIDED' };
    return {
      id,
      status: states[this.holds.get(id)!.state],
      supplementary_data: { related_ids: { order_id: `ORDER-${id}` } },
    };
  }
}
