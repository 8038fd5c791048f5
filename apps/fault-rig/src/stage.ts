/**
 * Where the marketplaces of a run are, and what on: `file`, two processes with every context on one SQLite file;
 * `servers`, the same on servers with EventStoreDB's and MongoDB's protocols; `services`, on those servers, with a process
 * for each side of each context.
 */
export const STAGES = ['file', 'servers', 'services'] as const;

export type Stage = (typeof STAGES)[number];
