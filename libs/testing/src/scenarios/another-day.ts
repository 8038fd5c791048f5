/** A good year, and some: no part of a date or a time stays the same. */
const LATER_MS = (((431 * 24 + 5) * 60 + 7) * 60 + 11) * 1_000 + 13;

/**
 * Does the work as on another day: within it, the clock is more than a year ahead. A fold that looks at the clock gives
 * itself away, also when it only looks at the year.
 * @param work synchronous, so that nobody else sees the moved clock
 */
export function onAnotherDay<T>(work: () => T): T {
  const today = globalThis.Date;
  const now = () => today.now() + LATER_MS;
  globalThis.Date = new Proxy(today, {
    apply: () => new today(now()).toString(),
    construct: (date, args: [], newTarget) =>
      Reflect.construct(date, args.length === 0 ? [now()] : args, newTarget) as object,
    get: (date, property, receiver) => (property === 'now' ? now : (Reflect.get(date, property, receiver) as unknown)),
  });
  try {
    return work();
  } finally {
    globalThis.Date = today;
  }
}
