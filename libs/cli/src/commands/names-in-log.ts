import { contextOf, EventRegistry, categoryOf, type EventStore } from '@gesta/core';
import type { ApplicationParts } from '../application/application-parts.js';
import { nearest } from './nearest.js';

/** A name in the log that no class of the configuration knows. */
export interface UnknownName {
  readonly type: string;
  readonly count: number;
  /** Names that it may be an alias of. */
  readonly nearest: readonly string[];
  /** Whether an aggregate of the application would read it, or it is likely one of its own by an earlier name. */
  readonly isOurs: boolean;
}

/** What was found in the log. */
export interface NamesInLog {
  readonly unknown: readonly UnknownName[];
  /** Commands that no inbox has come to, how many for each context. */
  readonly undelivered: ReadonlyMap<string, number>;
  readonly events: number;
  /** Whether the end of the log was reached. */
  readonly isWhole: boolean;
}

export interface Looking {
  /** The most events to look at; all when `undefined`. */
  readonly limit: number | undefined;
  /** Whether an inbox of the context takes what is at the position, or has taken it. */
  readonly hasInbox: (context: string, position: bigint) => boolean;
  readonly progress: (position: bigint, events: number) => void;
  readonly signal: AbortSignal;
}

/** Compares the names of the events in the log with those that the application's classes know. */
export async function namesInLog(
  store: EventStore,
  parts: ApplicationParts,
  { limit, hasInbox, progress, signal }: Looking,
): Promise<NamesInLog> {
  const known = knownNames(parts);
  const categories = new Set(parts.aggregates.map(({ category }) => category));
  const counts = new Map<string, { count: number; isOwned: boolean }>();
  const undelivered = new Map<string, number>();
  const { position: head } = await store.head();
  let events = 0;
  let reached = 0n;
  for await (const batch of store.readAll({ ...(limit !== undefined && { limit }), signal })) {
    for (const { type, streamId, position } of batch.events) {
      const context = contextOf(type);
      const category = categoryOf(streamId);
      if (category === `${context}.command`) {
        if (!hasInbox(context, position)) undelivered.set(context, (undelivered.get(context) ?? 0) + 1);
      } else if (!known.has(type) && context !== 'gesta') {
        const { count, isOwned } = counts.get(type) ?? { count: 0, isOwned: false };
        counts.set(type, { count: count + 1, isOwned: isOwned || categories.has(category) });
      }
    }
    events += batch.events.length;
    reached = batch.position;
    progress(reached, events);
    if (reached >= head) break;
  }
  const unknown = [...counts.keys()].sort().map((type) => {
    const { count, isOwned } = counts.get(type)!;
    const near = nearest(type, known);
    return { type, count, nearest: near, isOurs: isOwned || (near.length > 0 && categories.size > 0) };
  });
  return { unknown, undelivered, events, isWhole: reached >= head };
}

function knownNames({ aggregates, projections, processes, reactors, travelling }: ApplicationParts): Set<string> {
  const definitions = [...aggregates, ...projections.map(({ definition }) => definition), ...processes, ...reactors];
  const names = definitions.flatMap(({ registry }) => registry.names);
  return new Set([...names, ...EventRegistry.namesOf(travelling)].filter((name) => contextOf(name) !== 'gesta'));
}
