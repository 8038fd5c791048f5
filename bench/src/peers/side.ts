import type { EventToAppend } from '@gesta/core';

/** One library on a file of its own: what is asked of ours and of its peers alike. */
export interface Side {
  /** Appends to the n-th order, behind the revision before the first event; durable when it resolves. */
  append(n: number, revision: number, events: readonly EventToAppend[]): Promise<unknown>;
  /** Whether appends may overlap. Those that may not are awaited one by one, however many are in flight. */
  readonly overlaps: boolean;
  /** Reads and folds the n-th order from its first event on. @returns how many lines it has */
  load(n: number): Promise<number>;
  /** Handles the command that adds a line to the n-th order. */
  addLine(n: number, number: number): Promise<unknown>;
  /** Folds the log, which has so many events, into documents from its beginning. */
  project(events: number): Promise<unknown>;
  /** How many lines those documents have, all together. */
  projectedLines(): Promise<number>;
  settings(): Promise<SideSettings>;
  close(): Promise<void>;
}

/** What decides how durable an append is. */
export interface SideSettings {
  readonly sqlite: string;
  readonly journal: string;
  /** 1 is `NORMAL`: the last commits can go with the power; 2 is `FULL`. */
  readonly synchronous: number;
}

/** What a side's module exports. */
export interface SideModule {
  /** @param folder an empty one */
  open(folder: string): Promise<Side>;
}
