import { appendFileSync } from 'node:fs';
import type { Money } from '@marketplace/values';
import type { Operation } from '../../domain/operation.js';

/** Money that moved, or was held or let go. */
export interface LedgerLine {
  readonly operation: Operation;
  readonly orderId: string;
  readonly key: string;
  readonly amount: Money;
  readonly reference: string;
}

/** What was done under one key was done once, however often it is written down. */
export interface Ledger {
  add(line: LedgerLine): void;
}

/** Keeps no books. */
export const noLedger: Ledger = { add: () => undefined };

/** A line of JSON for each thing done, in a file that several processes may write and that outlives them. */
export class LedgerFile implements Ledger {
  constructor(private readonly path: string) {}

  add(line: LedgerLine): void {
    appendFileSync(this.path, `${JSON.stringify(line)}\n`);
  }
}
