import { Query } from './query.js';
import type { Storage } from './storage.js';
import { writeAll } from './write-all.js';

/** How often expired documents are removed, in seconds, as MongoDB does it. */
const SWEEP_SECONDS = 60;

/** Removes documents whose time is over, by the indexes that were declared with `expireAfterSeconds`. */
export class ExpiredDocuments {
  #seconds = SWEEP_SECONDS;
  #timer: NodeJS.Timeout | undefined;
  #sweeping: Promise<void> = Promise.resolve();

  constructor(private readonly storage: Storage) {
    this.sweepEvery(SWEEP_SECONDS);
  }

  /** From one sweep to the next. */
  get sweepSeconds(): number {
    return this.#seconds;
  }

  /** @param seconds from one sweep to the next */
  sweepEvery(seconds: number): void {
    this.#seconds = seconds;
    clearInterval(this.#timer);
    this.#timer = setInterval(() => {
      // What fails now (a full disk, say) is tried again the next time.
      this.#sweeping = this.#sweeping.then(() => this.sweep()).catch(() => undefined);
    }, seconds * 1_000).unref();
  }

  /** Removes what is expired now. */
  async sweep(): Promise<void> {
    const expiries = await this.storage.read(({ catalog }) =>
      catalog
        .databases()
        .flatMap((database) => catalog.list(database))
        .flatMap(({ database, name, indexes }) => indexes.map((index) => ({ database, name, index })))
        .filter(({ index }) => index.expireAfterSeconds !== undefined),
    );
    for (const { database, name, index } of expiries) {
      const latest = new Date(Date.now() - index.expireAfterSeconds! * 1_000);
      const expired = { [index.fields[0]!.path]: { $lte: latest } };
      const query = new Query({ filter: index.partialFilter ? { $and: [expired, index.partialFilter] } : expired });
      await writeAll(this.storage, { database, name }, query, (table, id, document) => table.remove(id, document));
    }
  }

  /** Ends the sweeping, and waits for one that is going on. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#sweeping;
  }
}
