import type { DocumentCollection, StoredDocument } from '../store/document-store.js';
import { DocumentRefused } from '../store/errors.js';
import type { Failure, KeyedEvent } from './event-consumer.js';

/** What became of documents that were put: those in neither are stored. */
export interface PutOutcome {
  /** The keys of those that are stored at the given version or a later one already. */
  readonly behind: readonly string[];
  /** Those that the store will never take, by key. */
  readonly refused: ReadonlyMap<string, DocumentRefused>;
}

/** Puts the documents. One that the store refuses for good keeps no other from being stored. */
export async function putWhatIsTaken(
  collection: DocumentCollection,
  documents: readonly StoredDocument[],
): Promise<PutOutcome> {
  const behind: string[] = [];
  const refused = new Map<string, DocumentRefused>();
  const waiting = [documents];
  for (let some = waiting.pop(); some; some = waiting.pop()) {
    if (some.length === 0) continue;
    try {
      for (const key of await collection.put(some)) behind.push(key);
    } catch (error) {
      if (!(error instanceof DocumentRefused)) throw error;
      const others = some.filter(({ key }) => key !== error.key);
      if (others.length === some.length) throw error; // it names none of them
      refused.set(error.key, error);
      // In halves, so that many that are refused do not have all the others put as many times.
      const middle = Math.ceil(others.length / 2);
      waiting.push(others.slice(middle), others.slice(0, middle));
    }
  }
  return { behind, refused };
}

/**
 * Tells with which events the documents came to be refused, by taking the events of their keys one at a time, in the
 * order of the log. What came before is stored then. A document may be taken after all, when it was another one of the
 * batch that was in its way.
 * @param work the batch
 * @param refused of its documents; nothing of these is stored
 * @param take takes a part of the batch
 */
export async function failuresOfRefused(
  work: readonly KeyedEvent[],
  refused: PutOutcome['refused'],
  take: (one: readonly KeyedEvent[]) => Promise<readonly Failure[]>,
): Promise<readonly Failure[]> {
  const failures = new Map<string, Failure>();
  for (const keyed of work) {
    const error = refused.get(keyed.key);
    if (!error || failures.has(keyed.key)) continue;
    const [failure] = work.length === 1 ? [{ ...keyed, error, attempts: 1 }] : await take([keyed]);
    if (failure) failures.set(keyed.key, failure);
  }
  return [...failures.values()];
}
