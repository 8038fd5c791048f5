/** What it takes to speak with Stripe. */
export interface StripeSettings {
  readonly secretKey: string;
  readonly webhookSecret: string;
  readonly url: string;
  /** How old a callback may be, in seconds. */
  readonly toleranceS: number;
}
