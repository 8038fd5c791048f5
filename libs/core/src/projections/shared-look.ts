import { setImmediate } from 'node:timers';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';

interface Look {
  readonly keys: Set<string>;
  readonly found: Promise<Map<string, StoredDocument>>;
}

/** Looks documents up that are asked for at the same moment, by however many, in one query. */
export class SharedLook {
  private next: Look | undefined;

  constructor(private readonly collection: DocumentCollection) {}

  /** The document as it is after the call; `undefined` where there is none. */
  async get(key: string): Promise<StoredDocument | undefined> {
    this.next ??= this.begin();
    this.next.keys.add(key);
    return (await this.next.found).get(key);
  }

  private begin(): Look {
    const keys = new Set<string>();
    const found = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      this.next = undefined; // who comes now may want to see what was written meanwhile
      return this.collection.get([...keys]);
    });
    return { keys, found };
  }
}
