import type { BoundedPattern } from '@gesta/core';
import { tamedPattern } from '../../tamed-pattern.js';
import type { LogEvent } from './log-event.js';

/** Which events of the log a reader wants: by their type or their stream, by prefixes or a regular expression. */
export interface EventFilter {
  readonly on: 'type' | 'stream';
  readonly prefixes?: readonly string[];
  /** As JavaScript understands it. */
  readonly regex?: string;
}

/** Whether an event of this type in this stream is wanted. */
export type EventTest = (event: Pick<LogEvent, 'type' | 'streamId'>) => boolean;

/** @throws {Error} for a regular expression that is none; the test does when one takes too long */
export function eventTest({ on, prefixes = [], regex }: EventFilter): EventTest {
  const test = regex
    ? regexTest(tamedPattern(regex, ''))
    : (name: string) => prefixes.some((prefix) => name.startsWith(prefix));
  return on === 'type' ? ({ type }) => test(type) : ({ streamId }) => test(streamId);
}

/** Names come again and again, so what was found out about one is remembered. */
function regexTest(regex: BoundedPattern): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    let matches = known.get(name);
    if (matches === undefined) {
      matches = regex.test(name);
      if (known.size >= 1_000) known.clear();
      known.set(name, matches);
    }
    return matches;
  };
}
