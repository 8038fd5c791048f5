/** What it takes to speak with PayPal. */
export interface PayPalSettings {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly webhookId: string;
  readonly url: string;
  /** How old a callback may be, in seconds. */
  readonly toleranceS: number;
}
