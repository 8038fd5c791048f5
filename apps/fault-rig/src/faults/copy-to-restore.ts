import type { Acknowledged } from '../load/acknowledged.js';

/** What was put back, once everything was looked through as it is. */
export type Restored = 'events and documents' | 'documents' | 'events';

/** A copy that was taken while the marketplaces worked, with what it has to hold. */
export interface Copy {
  readonly file: string;
  readonly acknowledged: Acknowledged;
  readonly restored: Restored;
}
