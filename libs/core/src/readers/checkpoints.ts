import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import type { Checkpoint } from '../store/event-store.js';

/** How far a reader has taken the log. It may lag behind what was done, never lead. */
export interface Progress {
  /** Resumes behind what was taken; `undefined` at the beginning of the log. */
  readonly checkpoint: Checkpoint | undefined;
  readonly position: bigint;
}

/** Every reader's progress, by its name. */
export class Checkpoints {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<Checkpoints> {
    return new Checkpoints(await documents.collection('gesta.checkpoints'));
  }

  async load(reader: string): Promise<Progress | undefined> {
    const stored = (await this.collection.get([reader])).get(reader);
    return stored?.body && { checkpoint: stored.body.checkpoint as string | undefined, position: stored.version };
  }

  /** Where every reader is that has saved how far it is. */
  async all(): Promise<readonly { readonly reader: string; readonly checkpoint: Checkpoint | undefined }[]> {
    const stored = await this.collection.find({});
    return stored.map(({ key, body }) => ({ reader: key, checkpoint: body?.checkpoint as string | undefined }));
  }

  /** The reader is gone, and its name is not used again. */
  async remove(reader: string): Promise<void> {
    const progress = await this.load(reader);
    if (progress) await this.collection.put([{ key: reader, version: progress.position + 1n, body: undefined }]);
  }

  /** Progress that another owner has gone past already changes nothing. */
  async save(reader: string, { checkpoint, position }: Progress): Promise<void> {
    await this.collection.put([{ key: reader, version: position, body: { checkpoint } }]);
  }
}
