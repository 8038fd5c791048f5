import type { JsonObject } from '../events/json.js';
import type { DocumentCollection, DocumentStore, StoredDocument } from '../store/document-store.js';
import { keptOf, progressIn, type Progress } from './checkpoints.js';

/** Another process has taken the reader over: what this one would still write is not to stand. */
export class FencedOff extends Error {
  override readonly name = 'FencedOff';
  /** @param above the epoch that was met */
  constructor(
    reader: string,
    epoch: bigint,
    readonly above: bigint,
  ) {
    super(`${reader} was taken over: this process owned it in epoch ${epoch}, and epoch ${above} has begun`);
  }
}

/** What an owner put behind itself when it took a reader over. */
export interface Fence {
  readonly epoch: bigint;
  /** From where that owner went on. */
  readonly from: Progress;
}

/** An owner can move its own fence so often, by its versions. */
const MOVES = 1n << 22n;

/**
 * Divides what the owners of a reader write that no position guards. An owner raises its fence once it has read where the
 * reader is and adopted its dead letters. From then on letters of smaller epochs are void, and a checkpoint that a smaller
 * epoch saved counts only as far as the fence's owner began: a former owner that stood still cannot reach over it.
 */
export class Fences {
  private constructor(private readonly collection: DocumentCollection) {}

  static async open(documents: DocumentStore): Promise<Fences> {
    return new Fences(await documents.collection('gesta.fences'));
  }

  /** The reader's fence; `undefined` where none was raised. */
  async of(reader: string): Promise<Fence | undefined> {
    return (await this.ofAll([reader])).get(reader);
  }

  /** Those that there are of the readers, by reader. */
  async ofAll(readers: readonly string[]): Promise<ReadonlyMap<string, Fence>> {
    return byReader((await this.collection.get(readers)).values());
  }

  /** All that there are, by reader. */
  async all(): Promise<ReadonlyMap<string, Fence>> {
    return byReader(await this.collection.find({}));
  }

  /**
   * Raises the owner's fence, or moves it on.
   * @throws {FencedOff} when a later owner has raised its own
   */
  async raise(reader: string, epoch: bigint, from: Progress): Promise<void> {
    for (;;) {
      const before = (await this.collection.get([reader])).get(reader)?.version ?? 0n;
      if (before / MOVES > epoch) throw new FencedOff(reader, epoch, before / MOVES);
      const version = before / MOVES === epoch ? before + 1n : epoch * MOVES;
      const body = { ...keptOf(from), position: from.position.toString() };
      if ((await this.collection.put([{ key: reader, version, body }])).length === 0) return;
    }
  }

  /** The reader is gone. */
  async remove(reader: string): Promise<void> {
    const stored = (await this.collection.get([reader])).get(reader);
    if (stored?.body) await this.collection.put([{ key: reader, version: stored.version + 1n, body: undefined }]);
  }
}

function byReader(stored: Iterable<StoredDocument>): ReadonlyMap<string, Fence> {
  const fences = new Map<string, Fence>();
  for (const { key, version, body } of stored) {
    if (body) fences.set(key, { epoch: version / MOVES, from: toProgress(body) });
  }
  return fences;
}

function toProgress(body: JsonObject): Progress {
  return progressIn(body, BigInt(body.position as string));
}
