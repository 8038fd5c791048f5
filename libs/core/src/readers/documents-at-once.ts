import { heldBytes } from '../events/held-bytes.js';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';

const FIRST = 256;
const MOST = 2_000;
/** About how many bytes of documents are to be in hand at once. */
const WANTED_BYTES = 4 * 1024 * 1024;

/** How many documents of a collection are looked up at once: as many as their sizes so far allow. */
export class DocumentsAtOnce {
  private keys = FIRST;

  /** How many keys the next look-up should have at most. */
  get most(): number {
    return this.keys;
  }

  /** The documents of the keys, which are no more than `most`, each with about how many bytes it takes. */
  async get(
    collection: DocumentCollection,
    keys: readonly string[],
  ): Promise<Map<string, StoredDocument & { readonly bytes: number }>> {
    const found = new Map<string, StoredDocument & { readonly bytes: number }>();
    let bytes = 0;
    for (const [key, stored] of await collection.get(keys)) {
      const size = stored.body === undefined ? 0 : heldBytes(stored.body);
      bytes += size;
      found.set(key, { ...stored, bytes: size });
    }
    this.learn(keys.length, bytes);
    return found;
  }

  /** At most twice as many as before, as the next may be larger ones; at once fewer where these were too large. */
  private learn(keys: number, bytes: number): void {
    const fitting = Math.floor((keys * WANTED_BYTES) / Math.max(1, bytes));
    this.keys = Math.max(1, Math.min(MOST, 2 * Math.max(keys, this.keys >> 1), fitting));
  }
}
