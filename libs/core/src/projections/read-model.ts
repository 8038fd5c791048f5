import type { Reached } from '../readers/reached.js';
import type { DocumentCollection, Filter, FindOptions } from '../store/document-store.js';

export interface WaitOptions {
  /** How long to wait at most, in milliseconds; 5,000 when absent. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The generation that a read model shows. */
export interface LiveDocuments {
  readonly documents: DocumentCollection;
  readonly reached: Reached;
}

/** Knows which generation is live. */
export interface LiveSource {
  /** The one that is live, as far as is known here. */
  readonly live: LiveDocuments;
  /** Whether that was seen recently enough: its documents cannot have been dropped yet. */
  readonly isSure: boolean;
  /** Looks which one is live now. */
  look(): Promise<void>;
}

/** The documents of a projection, to be queried. Queries are MongoDB's on every store. */
export class ReadModel<T extends object> {
  constructor(private readonly source: LiveSource) {}

  /**
   * The collection that these documents are in, for what only its own kind of store can do. Ask at every use: another
   * generation may have become live.
   */
  get collection(): DocumentCollection {
    return this.source.live.documents;
  }

  async findById(key: string): Promise<T | undefined> {
    return (await this.read((documents) => documents.get([key]))).get(key)?.body as T | undefined;
  }

  /**
   * The documents that match, by MongoDB's rules: `find({ status: 'placed', 'total.amount': { $gte: 1000 } }, { sort: {
   * placedAt: -1 }, limit: 20 })`. Build filters from checked values, never from raw input.
   * @throws {UnsupportedOperator} for an operator that this store cannot run
   */
  async find(filter: Filter = {}, options?: FindOptions): Promise<T[]> {
    const found = await this.read((documents) => documents.find(filter, options));
    return found.map(({ body }) => body as unknown as T);
  }

  /** @throws {UnsupportedOperator} for an operator that this store cannot run */
  async count(filter: Filter = {}): Promise<number> {
    return this.read((documents) => documents.count(filter));
  }

  /**
   * Waits until everything up to the position is in these documents: to read your own writes, give it the position that
   * the command resolved to.
   * @throws {ReadModelBehind} when that takes longer than the time given
   */
  async waitFor(position: bigint, { timeoutMs = 5_000, signal }: WaitOptions = {}): Promise<void> {
    const until = performance.now() + timeoutMs;
    for (let waited: Reached | undefined; waited !== this.source.live.reached;) {
      // Another generation may have become live meanwhile; it is then the one that has to be there.
      waited = this.source.live.reached;
      await waited.waitFor(position, Math.max(0, until - performance.now()), signal);
    }
  }

  /** This process may have stood still while another generation became live and the one it knows of was dropped. */
  private async read<R>(query: (documents: DocumentCollection) => Promise<R>): Promise<R> {
    for (;;) {
      const result = await query(this.source.live.documents);
      if (this.source.isSure) return result;
      await this.source.look();
    }
  }
}
