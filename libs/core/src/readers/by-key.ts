import type { DocumentsAtOnce } from './documents-at-once.js';
import type { KeyedEvent } from './event-consumer.js';

/** Events for some keys: all that there is for each of them. */
export interface WorkByKey {
  /** In the order of the log. */
  readonly work: readonly KeyedEvent[];
  readonly byKey: ReadonlyMap<string, readonly KeyedEvent[]>;
}

/** The work for as many keys at a time as their documents are looked up together. */
export function* byKeyInPortions(work: readonly KeyedEvent[], atOnce: DocumentsAtOnce): Generator<WorkByKey> {
  const byKey = Map.groupBy(work, ({ key }) => key);
  if (byKey.size <= atOnce.most) {
    if (byKey.size > 0) yield { work, byKey };
    return;
  }
  const all = [...byKey];
  for (let from = 0; from < all.length;) {
    const some = new Map(all.slice(from, from + atOnce.most));
    from += some.size;
    yield { work: work.filter(({ key }) => some.has(key)), byKey: some };
  }
}
