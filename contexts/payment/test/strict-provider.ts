import type { Answer } from '../src/provider/payment-provider.js';

/** What the provider says no to. */
export interface Refusals {
  readonly authorisation: boolean;
  readonly capture: boolean;
  readonly refund: boolean;
}

/** What it is asked; what may never have been authorised has no reference yet, and is asked for by the key of that. */
export interface AskedOfProvider {
  readonly operation: 'authorise' | 'capture' | 'void' | 'refund';
  readonly key: string;
  readonly amount: number;
  readonly reference: string | undefined;
  readonly authorisationKey: string | undefined;
}

/** A provider as providers promise to be, with books that tell of whatever was done twice. */
export class StrictProvider {
  readonly holds = new Map<string, { readonly amount: number; state: 'held' | 'captured' | 'voided' }>();
  readonly refunds: number[] = [];
  captures = 0;
  private readonly answers = new Map<string, Answer>();

  constructor(private readonly refusals: Refusals) {}

  get authorised(): number {
    return [...this.holds.values()].reduce((sum, { amount }) => sum + amount, 0);
  }

  get captured(): number {
    const taken = [...this.holds.values()].filter(({ state }) => state === 'captured');
    return taken.reduce((sum, { amount }) => sum + amount, 0);
  }

  get refunded(): number {
    return this.refunds.reduce((sum, amount) => sum + amount, 0);
  }

  /** What is asked for under one key is done once, and answered alike. */
  ask(asked: AskedOfProvider): Answer {
    const { operation, key, authorisationKey } = asked;
    if (operation === 'void' && authorisationKey !== undefined && asked.reference === undefined) {
      const held = this.ask({ ...asked, operation: 'authorise', key: authorisationKey });
      if (held.outcome === 'declined') return { outcome: 'done', reference: 'none' };
      return this.ask({ ...asked, reference: held.reference, authorisationKey: undefined });
    }
    const answer = this.answers.get(key) ?? this.decide(asked);
    this.answers.set(key, answer);
    return answer;
  }

  private decide({ operation, key, amount, reference = '' }: AskedOfProvider): Answer {
    const hold = this.holds.get(reference.replace('capture of ', ''));
    switch (operation) {
      case 'authorise':
        if (this.refusals.authorisation) return { outcome: 'declined', reason: 'CardDeclined' };
        this.holds.set(key, { amount, state: 'held' });
        return { outcome: 'done', reference: key };
      case 'capture':
        if (hold?.state !== 'held' || this.refusals.capture) return { outcome: 'declined', reason: 'NotHeld' };
        hold.state = 'captured';
        this.captures++;
        return { outcome: 'done', reference: `capture of ${reference}` };
      case 'void':
        if (hold?.state === 'captured') {
          return { outcome: 'declined', reason: 'Captured', reference: `capture of ${reference}` };
        }
        if (hold) hold.state = 'voided';
        return { outcome: 'done', reference };
      case 'refund':
        if (hold?.state !== 'captured' || this.refusals.refund) return { outcome: 'declined', reason: 'NotCaptured' };
        this.refunds.push(amount);
        return { outcome: 'done', reference: key };
    }
  }
}
