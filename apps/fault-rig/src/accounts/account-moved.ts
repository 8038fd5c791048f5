import { Event } from '@gesta/core';

/** Money came to an account, or left it. */
@Event('accounts.account-moved')
export class AccountMoved {
  readonly amount!: { readonly units: number; readonly currency: string };
  readonly reference!: string;
}
