import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import type { ProjectionDefinition } from './projection-definition.js';

/** A set of a projection's documents, built by one version of its fold. */
export interface Generation {
  readonly number: number;
  /** The collection that holds its documents; its reader bears the same name. */
  readonly collection: string;
}

/**
 * Which generation of each projection and version is live. A version's documents are its own: code never reads those
 * that another version's fold has built.
 */
export class Generations {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<Generations> {
    return new Generations(await documents.collection('gesta.generations'));
  }

  /** The live generation of this version; the first one where there was none. */
  async live({ name, version }: ProjectionDefinition): Promise<Generation> {
    const key = `${name}.v${version}`;
    // Two processes may begin at once: the first one's pointer stands, and it says the same.
    await this.collection.put([{ key, version: 1n, body: { live: 1 } }]);
    const pointer = (await this.collection.get([key])).get(key);
    const number = pointer!.body!.live as number;
    return { number, collection: `projection.${key}.g${number}` };
  }
}
