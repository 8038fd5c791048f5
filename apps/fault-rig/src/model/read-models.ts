import { idOf, Project, Projection, type Class, type EventMetadata } from '@gesta/core';
import { Deposited, TransferAsked, Withdrawn } from './bank.js';

interface Balance {
  readonly sum: number;
  readonly seen: readonly string[];
}

/** Every event that an account saw, in order; now and then its document is deleted. */
@Projection({ name: 'balances' })
export class Balances {
  @Project(Deposited)
  deposited({ transfer, amount }: Deposited, before: Balance | undefined) {
    return after(before, amount, `deposited ${transfer}`);
  }

  @Project(Withdrawn)
  withdrawn({ transfer, amount }: Withdrawn, before: Balance | undefined) {
    return after(before, -amount, `withdrawn ${transfer}`);
  }
}

function after(before: Balance | undefined, amount: number, what: string): Balance | undefined {
  const seen = [...(before?.seen ?? []), what];
  return Math.abs(amount) === 17 && seen.length > 2 ? undefined : { sum: (before?.sum ?? 0) + amount, seen };
}

interface Names {
  readonly names: readonly string[];
}

/** What the fold of {@link busyAccounts} cannot take before it is mended. */
const POISON = 13;

/** Documents that several events touch each, by a fold that cannot take some of them before it is mended. */
export function busyAccounts(mended: () => boolean): Class {
  @Projection({ name: 'busy-accounts' })
  class BusyAccounts {
    @Project(TransferAsked, ({ from, to }) => [from, to, 'all'])
    asked({ transfer, amount }: TransferAsked, before: Names | undefined) {
      if (amount === POISON && !mended()) throw new Error(`${POISON} cannot be`);
      return { names: [...(before?.names ?? []), transfer] };
    }

    @Project(Withdrawn, (_, { streamId }: EventMetadata) => [idOf(streamId), 'all'])
    withdrawn({ transfer }: Withdrawn, before: Names | undefined) {
      return { names: [...(before?.names ?? []), `of ${transfer}`] };
    }
  }
  return BusyAccounts;
}
