import type { Batch, Results } from './cursor-registry.js';
import { ReplyBatch } from './reply-size.js';
import { checkTime } from './time-limit.js';

/** Documents that are there already, in BSON, or are made one after the other. */
export class ListedResults implements Results {
  readonly #documents: Iterator<Uint8Array>;
  #upcoming: IteratorResult<Uint8Array>;

  constructor(documents: Iterable<Uint8Array>) {
    this.#documents = documents[Symbol.iterator]();
    this.#upcoming = this.#documents.next();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a failure is to be a rejection
  async next(most: number, deadline: number): Promise<Batch> {
    const batch = new ReplyBatch(most);
    for (; !this.#upcoming.done && batch.fits(this.#upcoming.value); this.#upcoming = this.#documents.next()) {
      checkTime(deadline);
      batch.add(this.#upcoming.value);
    }
    return { documents: batch.documents, ended: this.#upcoming.done === true };
  }
}
