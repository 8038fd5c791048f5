import type { DocumentCollection, DocumentStore, StoredDocument } from '../src/store/document-store.js';
import { DocumentRefused } from '../src/store/errors.js';

/** What a store does not take, as long as that is so. */
export interface Rule {
  /**
   * @param stored gives what is stored in the collection under other keys, for rules about several documents
   * @returns why the document is refused; `undefined` where it is taken
   */
  reason(document: StoredDocument, stored: () => Promise<readonly StoredDocument[]>): Promise<string | undefined>;
}

/** Refuses bodies of which the condition holds. It can be taken back. */
export class Condition implements Rule {
  /** @param refuses asked with what a document holds; never with a tombstone */
  constructor(public refuses: (body: NonNullable<StoredDocument['body']>) => boolean) {}

  async reason({ body }: StoredDocument): Promise<string | undefined> {
    return body && this.refuses(body) ? 'it breaks a rule' : undefined;
  }
}

/** Refuses a document that has the same value in a field as another one. It can be dropped. */
export class UniqueIndex implements Rule {
  dropped = false;

  constructor(private readonly field: string) {}

  async reason(
    { body }: StoredDocument,
    stored: () => Promise<readonly StoredDocument[]>,
  ): Promise<string | undefined> {
    const value = body?.[this.field];
    if (this.dropped || value === undefined) return undefined;
    return (await stored()).some(({ body: other }) => other![this.field] === value) ? 'duplicate key' : undefined;
  }
}

/**
 * A document store that refuses some documents for good. Documents are stored one after another, as given; at the first
 * refused one it stops, or goes on with the others.
 * @param goesOn is asked at each refusal
 */
export function refusing(rule: Rule, inner: DocumentStore, goesOn: () => boolean = () => false): DocumentStore {
  return {
    collection: async (name, options) => refusingCollection(rule, await inner.collection(name, options), goesOn),
    collections: () => inner.collections(),
    drop: (name) => inner.drop(name),
    close: () => inner.close(),
  };
}

/** A collection that refuses documents by the rule. */
export function refusingCollection(
  rule: Rule,
  inner: DocumentCollection,
  goesOn: () => boolean = () => false,
): DocumentCollection {
  return {
    name: inner.name,
    get: (keys) => inner.get(keys),
    find: (filter, options) => inner.find(filter, options),
    count: (filter) => inner.count(filter),
    purge: (options) => inner.purge(options),
    put: async (documents) => {
      const behind: string[] = [];
      let refusal: DocumentRefused | undefined;
      for (const document of documents) {
        const { key } = document;
        const others = async () => (await inner.find({})).filter((other) => other.key !== key);
        const reason = await rule.reason(document, others);
        if (reason === undefined) {
          behind.push(...(await inner.put([document])));
          continue;
        }
        refusal ??= new DocumentRefused(key, `${inner.name}: the document ${key} is refused: ${reason}`);
        if (!goesOn()) break;
      }
      if (refusal) throw refusal;
      return behind;
    },
  };
}
