import { serialize } from 'bson';
import type { BsonDocument } from '../semantics/bson-document.js';
import type { Storage } from '../storage/storage.js';
import type { Batch, Results } from './cursor-registry.js';
import { ReplyBatch } from './reply-size.js';
import { checkTime } from './time-limit.js';

/**
 * The results of a pipeline, computed when they are asked for. What a stage has to see whole (a group, a sort) is read in
 * one go, during which nobody else gets a turn.
 */
export class AggregateResults implements Results {
  readonly #results: Iterator<BsonDocument>;
  #overhang: Uint8Array | undefined;
  #ended = false;
  /** An iteration that failed would look as if it had come to its end. */
  #failure: { readonly error: unknown } | undefined;

  /** @param results iterated inside reads of the storage */
  constructor(
    private readonly storage: Storage,
    results: Iterable<BsonDocument>,
  ) {
    this.#results = results[Symbol.iterator]();
  }

  async next(most: number, deadline: number): Promise<Batch> {
    const batch = new ReplyBatch(most);
    if (most > 0) await this.storage.readInTurns((_, turnEnds) => this.#fill(batch, deadline, turnEnds));
    return { documents: batch.documents, ended: this.#ended && !this.#overhang };
  }

  #fill(batch: ReplyBatch, deadline: number, turnEnds: number): boolean {
    while (!batch.full) {
      checkTime(deadline);
      const document = (this.#overhang ??= this.#next());
      if (!document) return true;
      if (!batch.fits(document)) return true;
      batch.add(document);
      this.#overhang = undefined;
      if (performance.now() >= turnEnds) return batch.full;
    }
    return true;
  }

  #next(): Uint8Array | undefined {
    if (this.#failure) throw this.#failure.error;
    if (this.#ended) return undefined;
    try {
      const { done, value } = this.#results.next();
      if (!done) return serialize(value as BsonDocument);
    } catch (error) {
      this.#failure = { error };
      throw error;
    }
    this.#ended = true;
    return undefined;
  }
}
