import type { Random } from '@marketplace/simulator';
import type { Ledger } from '../ledger.js';
import type { Customers } from '../load/customers.js';
import type { Races } from '../load/races.js';
import type { Trade } from '../load/trade.js';
import type { ExecutionFolder } from '../processes/execution-folder.js';
import type { Fleet } from '../processes/fleet.js';
import type { Stage } from '../stage.js';
import type { SmallFileSystem } from '../storage/small-file-system.js';
import type { Copy } from './copy-to-restore.js';

/** What a fault can get hold of. */
export interface Surroundings {
  readonly folder: ExecutionFolder;
  readonly fileSystem: SmallFileSystem;
  readonly fleet: Fleet;
  readonly customers: Customers;
  readonly trade: Trade;
  readonly races: Races;
  readonly ledger: Ledger;
  /** The last copy that was taken, to be put back at the end. */
  copy?: Copy;
}

/** Something bad that happens to a running marketplace. */
export interface Fault {
  readonly kind: string;
  /** Where it can happen; anywhere when absent. */
  readonly on?: readonly Stage[];
  /** Whether nothing else is to happen meanwhile, and no customer to be served. */
  readonly alone?: boolean;
  /**
   * Lets it happen, and sets right what does not come right by itself, such as starting again what was killed.
   * @returns what happened, in words
   */
  strike(surroundings: Surroundings, random: Random): Promise<string>;
}
