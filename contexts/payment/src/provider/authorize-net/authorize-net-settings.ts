/** What it takes to speak with Authorize.net. */
export interface AuthorizeNetSettings {
  readonly loginId: string;
  readonly transactionKey: string;
  /** In hexadecimal digits. */
  readonly signatureKey: string;
  readonly url: string;
  /** How old a callback may be, in seconds. */
  readonly toleranceS: number;
}
