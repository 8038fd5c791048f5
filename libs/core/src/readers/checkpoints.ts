import type { DocumentCollection, DocumentStore } from '../store/document-store.js';
import type { Checkpoint } from '../store/event-store.js';
import { LookedFor } from './looked-for.js';

/** How far a reader has taken the log. It may lag behind what was done, never lead. */
export interface Progress {
  /** Resumes behind what was taken; `undefined` at the beginning of the log. */
  readonly checkpoint: Checkpoint | undefined;
  readonly position: bigint;
  /** The types that were looked for up to there, where the reader keeps account of that. */
  readonly types?: readonly string[] | undefined;
}

/** Every reader's progress, by its name. */
export class Checkpoints {
  private constructor(
    private readonly collection: DocumentCollection,
    /** What readers look for that their checkpoints do not tell of. */
    readonly lookedFor: LookedFor,
  ) {}

  static async open(documents: DocumentStore): Promise<Checkpoints> {
    return new Checkpoints(await documents.collection('gesta.checkpoints'), await LookedFor.open(documents));
  }

  async load(reader: string): Promise<Progress | undefined> {
    const stored = (await this.collection.get([reader])).get(reader);
    if (!stored?.body) return undefined;
    const { checkpoint, types } = stored.body as unknown as Pick<Progress, 'checkpoint' | 'types'>;
    return { checkpoint, position: stored.version, ...(types && { types }) };
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
    await this.lookedFor.remove(reader);
  }

  /** Progress that another owner has gone past already changes nothing. */
  async save(reader: string, { checkpoint, position, types }: Progress): Promise<void> {
    const body = { ...(checkpoint !== undefined && { checkpoint }), ...(types && { types: [...types] }) };
    await this.collection.put([{ key: reader, version: position, body }]);
  }
}
