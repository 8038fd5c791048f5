import type { Results } from './cursor-registry.js';

/** The documents of a collection that does not exist. */
export const NO_RESULTS: Results = {
  next: () => Promise.resolve({ documents: [], ended: true }),
};
