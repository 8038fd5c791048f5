import type { JsonObject } from '../events/json.js';
import type { FoldedBy } from '../projections/fold-fingerprint.js';
import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import type { Checkpoint } from '../store/event-store.js';
import type { Progress } from './progress.js';

/** Up to where one type was looked for: what is behind it was passed by code that did not name the type. */
export interface Place {
  /** Reads on from there; absent for the beginning of the log. */
  readonly checkpoint?: Checkpoint | undefined;
  /** As a decimal number. */
  readonly position: string;
  /** Whether it counts although the type was looked for up to the checkpoint since. */
  readonly again?: true;
}

/** What documents were made by first, and whether other code has gone on with them. */
export type Made = FoldedBy & { readonly mixed?: true };

/** Where types stand that a reader's checkpoint does not tell of, by type. */
export type Places = Readonly<Record<string, Place>>;

/**
 * What readers look for, beside their checkpoints: a checkpoint tells the types that were looked for up to it, and here
 * is how far each of the others was. Whoever learns a type says so here before it waits for the lease, and whoever has
 * the lease and does not know a type leaves word here where it was before it goes on.
 */
export class LookedFor {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<LookedFor> {
    return new LookedFor(await documents.collection('gesta.looked-for'));
  }

  async load(reader: string): Promise<Places> {
    const stored = (await this.collection.get([reader])).get(reader);
    return (stored?.body?.places as Places | undefined) ?? {};
  }

  /** @param change returns what it was given where there is nothing to change */
  async change(reader: string, change: (before: Places) => Places): Promise<Places> {
    for (;;) {
      const stored = (await this.collection.get([reader])).get(reader);
      const before = (stored?.body?.places as Places | undefined) ?? {};
      const after = change(before);
      if (after === before) return before;
      const body = { ...stored?.body, places: after } as unknown as JsonObject;
      const refused = await this.collection.put([{ key: reader, version: (stored?.version ?? 0n) + 1n, body }]);
      if (refused.length === 0) return after; // else somebody changed it meanwhile: look again
    }
  }

  /**
   * Says by what a projection's documents are made. Where others are there already, they are gone on with and are mixed.
   * @param begins whether there are none yet
   * @returns what they were made by before; `undefined` where that is not known or begins here
   */
  async fold(reader: string, now: FoldedBy, begins: boolean): Promise<Made | undefined> {
    for (;;) {
      const stored = (await this.collection.get([reader])).get(reader);
      const made = begins ? undefined : (stored?.body?.fold as Made | undefined);
      if (made && (made.mixed || made.fingerprint === now.fingerprint)) return made;
      const fold = made ? { ...made, mixed: true } : now;
      const body = { ...stored?.body, fold } as unknown as JsonObject;
      const refused = await this.collection.put([{ key: reader, version: (stored?.version ?? 0n) + 1n, body }]);
      if (refused.length === 0) return made; // else somebody changed it meanwhile: look again
    }
  }

  /** What a projection's documents were made by; `undefined` where that is not known. */
  async foldOf(reader: string): Promise<Made | undefined> {
    return (await this.collection.get([reader])).get(reader)?.body?.fold as Made | undefined;
  }

  /** The reader is gone. */
  async remove(reader: string): Promise<void> {
    const stored = (await this.collection.get([reader])).get(reader);
    if (stored?.body) await this.collection.put([{ key: reader, version: stored.version + 1n, body: undefined }]);
  }
}

export function placeAt({ checkpoint, position }: Progress): Place {
  return { ...(checkpoint !== undefined && { checkpoint }), position: position.toString() };
}
