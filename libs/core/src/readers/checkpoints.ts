import { VERSION_RANGE } from '../store/document-check.js';
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

/** What the reader has read into goes away: it is to read no further, in whatever process. */
export class ReaderEnded extends Error {
  override readonly name = 'ReaderEnded';
  constructor(reader: string) {
    super(`${reader} has ended: what it has read into is dropped`);
  }
}

/** Behind this, a checkpoint cannot be moved any more. */
const END = VERSION_RANGE.greatest;

/** Progress as it was saved. */
export interface SavedProgress extends Progress {
  /** Of the owner that saved it; absent where an earlier version of this library did. */
  readonly epoch?: bigint;
}

const PASSED_SAVED_WITHIN_MS = 50;
/** So that a thousand readers save five hundred times a second, and ten as often as they like. */
const MS_FOR_EACH_READER = 2;

/** Every reader's progress, by its name. */
export class Checkpoints {
  private constructor(
    private readonly collection: DocumentCollection,
    /** What readers look for that their checkpoints do not tell of. */
    readonly lookedFor: LookedFor,
  ) {}

  /** The readers of this process, as far as they have saved anything. */
  private readonly readers = new Set<string>();

  /**
   * Within what time it is to be saved that events were passed which are not for a reader, in milliseconds. Most events are
   * for few of the readers, and each would save its checkpoint at every one of them: the more there are, the longer they wait.
   */
  get passedSavedWithinMs(): number {
    return Math.max(PASSED_SAVED_WITHIN_MS, MS_FOR_EACH_READER * this.readers.size);
  }

  static async open(documents: DocumentStore): Promise<Checkpoints> {
    return new Checkpoints(await documents.collection('gesta.checkpoints'), await LookedFor.open(documents));
  }

  async load(reader: string): Promise<SavedProgress | undefined> {
    const stored = (await this.collection.get([reader])).get(reader);
    if (!stored?.body) return undefined;
    const { checkpoint, types, epoch } = stored.body as unknown as Pick<Progress, 'checkpoint' | 'types'> & {
      epoch?: number;
    };
    const saved = { checkpoint, position: stored.version, ...(types && { types }) };
    return epoch === undefined ? saved : { ...saved, epoch: BigInt(epoch) };
  }

  /** Where every reader is that has saved how far it is. */
  async all(): Promise<readonly { readonly reader: string; readonly checkpoint: Checkpoint | undefined }[]> {
    const stored = await this.collection.find({});
    return stored.map(({ key, body }) => ({ reader: key, checkpoint: body?.checkpoint as string | undefined }));
  }

  /** The reader is to read no further, and its name is not used again: whoever still saves progress hears of it. */
  async end(reader: string): Promise<void> {
    await this.collection.put([{ key: reader, version: END, body: undefined }]);
    await this.lookedFor.remove(reader);
  }

  async hasEnded(reader: string): Promise<boolean> {
    return (await this.collection.get([reader])).get(reader)?.version === END;
  }

  /** Nothing is known any more of a reader that has ended: its name may be used again, and begins as one that never was. */
  async forget(reader: string): Promise<void> {
    let after: string | undefined = reader.slice(0, -1);
    while (after !== undefined && after < reader) {
      ({ last: after } = await this.collection.purge({ upTo: END, after, limit: 1 }));
    }
  }

  /**
   * Progress that another owner has gone past already changes nothing.
   * @param epoch of the owner
   * @returns whether it was saved
   * @throws {ReaderEnded}
   */
  async save(reader: string, { checkpoint, position, types }: Progress, epoch?: bigint): Promise<boolean> {
    this.readers.add(reader);
    const body = {
      ...(checkpoint !== undefined && { checkpoint }),
      ...(types && { types: [...types] }),
      ...(epoch !== undefined && { epoch: Number(epoch) }),
    };
    const refused = await this.collection.put([{ key: reader, version: position, body }]);
    if (refused.length > 0 && (await this.hasEnded(reader))) throw new ReaderEnded(reader);
    return refused.length === 0;
  }
}
