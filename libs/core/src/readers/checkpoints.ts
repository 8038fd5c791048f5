import type { JsonObject } from '../events/json.js';
import { VERSION_RANGE } from '../store/document-check.js';
import type { DocumentCollection, DocumentStore, StoredDocument } from '../store/document-store.js';
import type { Checkpoint } from '../store/event-store.js';
import { LookedFor } from './looked-for.js';
import type { Progress } from './progress.js';

export type { Progress } from './progress.js';

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

/** A reset lifts the version by so much, so that whoever owned the reader before cannot put its own progress over it. */
const LIFTED_BY = 2n ** 40n;

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
    const stored = await this.stored(reader);
    return stored?.body && progressOf(stored);
  }

  /** Where every reader is that has saved how far it is. */
  async all(): Promise<ReadonlyMap<string, Progress>> {
    const stored = await this.collection.find({});
    return new Map(stored.map((document) => [document.key, progressOf(document)]));
  }

  /**
   * Puts the reader to another place, also back. Belongs under the reader's lease: an owner would go on from where it is.
   */
  async reset(reader: string, progress: Progress): Promise<void> {
    for (;;) {
      const stored = await this.stored(reader);
      const lift = (stored?.version ?? 0n) + LIFTED_BY - progress.position;
      const refused = await this.collection.put([documentOf(reader, progress, lift)]);
      if (refused.length === 0) return;
    }
  }

  /** The reader is to read no further, and its name is not used again: whoever still saves progress hears of it. */
  async end(reader: string): Promise<void> {
    await this.collection.put([{ key: reader, version: END, body: undefined }]);
    await this.lookedFor.remove(reader);
  }

  async hasEnded(reader: string): Promise<boolean> {
    return (await this.stored(reader))?.version === END;
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
  async save(reader: string, progress: Progress, epoch?: bigint): Promise<boolean> {
    this.readers.add(reader);
    const refused = await this.collection.put([documentOf(reader, progress, progress.lift ?? 0n, epoch)]);
    if (refused.length > 0 && (await this.hasEnded(reader))) throw new ReaderEnded(reader);
    return refused.length === 0;
  }

  private async stored(reader: string): Promise<StoredDocument | undefined> {
    return (await this.collection.get([reader])).get(reader);
  }
}

/** The version is the position, so that it only moves forward; behind a reset it is the position and a lift. */
function documentOf(key: string, progress: Progress, lift: bigint, epoch?: bigint): StoredDocument {
  const body = {
    ...keptOf(progress),
    ...(lift !== 0n && { lift: lift.toString() }),
    ...(epoch !== undefined && { epoch: Number(epoch) }),
  };
  return { key, version: progress.position + lift, body };
}

function progressOf({ version, body }: StoredDocument): SavedProgress {
  const { epoch, lift } = body as unknown as Kept;
  const lifted = BigInt(lift ?? 0);
  return {
    ...progressIn(body!, version - lifted),
    ...(lifted !== 0n && { lift: lifted }),
    ...(epoch !== undefined && { epoch: BigInt(epoch) }),
  };
}

/** The progress as JSON, without its position. */
export function keptOf({ checkpoint, types, log, at, mark }: Progress): JsonObject {
  return {
    ...(checkpoint !== undefined && { checkpoint }),
    ...(types && { types: [...types] }),
    ...(log !== undefined && { log }),
    ...(at && { at: { id: at.id, position: at.position.toString() } }),
    ...(mark !== undefined && { mark: mark.toString() }),
  };
}

/** The progress that was kept as JSON. */
export function progressIn(body: JsonObject, position: bigint): Progress {
  const { checkpoint, types, log, at, mark } = body as unknown as Kept;
  return {
    checkpoint,
    position,
    ...(types && { types }),
    ...(log !== undefined && { log }),
    ...(at && { at: { id: at.id, position: BigInt(at.position) } }),
    ...(mark !== undefined && { mark: BigInt(mark) }),
  };
}

/** A checkpoint as it is stored. Older versions wrote the first field only. */
interface Kept {
  readonly checkpoint?: Checkpoint;
  readonly types?: readonly string[];
  readonly epoch?: number;
  readonly log?: string;
  readonly at?: { readonly id: string; readonly position: string };
  readonly mark?: string;
  readonly lift?: string;
}
