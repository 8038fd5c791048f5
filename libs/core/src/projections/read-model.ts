import type { Reached } from '../readers/reached.js';
import type { DocumentCollection, Filter, FindOptions } from '../store/document-store.js';

export interface WaitOptions {
  /** How long to wait at most, in milliseconds; 5,000 when absent. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** The documents of a projection, to be queried. Queries are MongoDB's on every store. */
export class ReadModel<T extends object> {
  constructor(
    private readonly documents: DocumentCollection,
    private readonly reached: Reached,
  ) {}

  async findById(key: string): Promise<T | undefined> {
    return (await this.documents.get([key])).get(key)?.body as T | undefined;
  }

  /**
   * The documents that match, by MongoDB's rules: `find({ status: 'placed', 'total.amount': { $gte: 1000 } }, { sort: {
   * placedAt: -1 }, limit: 20 })`. Build filters from checked values, never from raw input.
   * @throws {UnsupportedOperator} for an operator that this store cannot run
   */
  async find(filter: Filter = {}, options?: FindOptions): Promise<T[]> {
    return (await this.documents.find(filter, options)).map(({ body }) => body as unknown as T);
  }

  /** @throws {UnsupportedOperator} for an operator that this store cannot run */
  count(filter: Filter = {}): Promise<number> {
    return this.documents.count(filter);
  }

  /**
   * Waits until everything up to the position is in these documents: to read your own writes, give it the position that
   * the command resolved to.
   * @throws {ReadModelBehind} when that takes longer than the time given
   */
  waitFor(position: bigint, { timeoutMs = 5_000, signal }: WaitOptions = {}): Promise<void> {
    return this.reached.waitFor(position, timeoutMs, signal);
  }
}
