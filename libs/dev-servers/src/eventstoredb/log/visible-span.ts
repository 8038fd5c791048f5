import type { StreamSettings } from './stream-settings.js';

/** What a reader of a stream may see. */
export interface VisibleSpan {
  readonly first: number;
  /** In microseconds since 1970. */
  readonly since: number;
}

/**
 * What is left to see of a stream by its metadata, whether or not the rest was scavenged yet.
 * @param last the stream's last revision
 * @param now in milliseconds since 1970
 */
export function visibleSpan(
  { maxCount, maxAge, truncateBefore }: StreamSettings,
  last: number,
  now: number,
): VisibleSpan {
  return {
    first: Math.max(0, truncateBefore ?? 0, maxCount === undefined ? 0 : last - maxCount + 1),
    since: maxAge === undefined ? 0 : (now - maxAge * 1_000) * 1_000,
  };
}
