import streams, { type ReadReq } from '@eventstore/db-client/generated/streams_pb.js';
import { categoryOf, type EventFilter } from '@gesta/core';
import { LOG_IDENTITY } from './log-identity.js';
import type { StoredEvent } from './stored-event.js';

type Named = Pick<StoredEvent, 'type' | 'streamId'>;

/** How many events the server looks at before it says how far it is. */
const SEARCHED_AT_ONCE = 2_000;

/** What of the log somebody wants. */
export interface LogFilter {
  /** False when nothing can match. */
  readonly possible: boolean;
  /** The server's part of it: whatever matches passes, and little else. */
  readonly options: ReadReq.Options.FilterOptions;
  /** The exact rule. */
  matches(event: Named): boolean;
}

/**
 * Names that begin with `$` are the server's own: links, metadata, statistics. They are given to nobody who does not
 * name them; links and metadata not even then, unless by type. Nor is the event by which we know the log.
 */
export function logFilter(filter: EventFilter | undefined): LogFilter {
  if (!filter) {
    return {
      possible: true,
      options: filterOptions('type', { regex: '^[^$]' }),
      matches: ({ type, streamId }) => !type.startsWith('$') && !streamId.startsWith('$') && streamId !== LOG_IDENTITY,
    };
  }
  if ('types' in filter) {
    const types = new Set(filter.types);
    return {
      possible: types.size > 0,
      options: filterOptions('type', { prefixes: [...types] }),
      matches: ({ type }) => types.has(type),
    };
  }
  const categories = new Set(filter.categories);
  return {
    possible: categories.size > 0,
    options: filterOptions('stream', { prefixes: [...categories].map((category) => `${category}-`) }),
    matches: ({ type, streamId }) =>
      categories.has(categoryOf(streamId)) && !type.startsWith('$') && streamId !== LOG_IDENTITY,
  };
}

/** What the server takes for the stream's events, and of streams whose names begin like its own. */
export function beginningLike(streamId: string): ReadReq.Options.FilterOptions {
  return filterOptions('stream', { prefixes: [streamId] });
}

function filterOptions(
  on: 'type' | 'stream',
  { regex = '', prefixes = [] }: { regex?: string; prefixes?: string[] },
): ReadReq.Options.FilterOptions {
  const expression = new streams.ReadReq.Options.FilterOptions.Expression();
  expression.setRegex(regex);
  expression.setPrefixList(prefixes);
  const options = new streams.ReadReq.Options.FilterOptions();
  if (on === 'type') options.setEventType(expression);
  else options.setStreamIdentifier(expression);
  options.setMax(SEARCHED_AT_ONCE);
  options.setCheckpointintervalmultiplier(1);
  return options;
}
