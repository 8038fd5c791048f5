import type { JsonObject } from '../events/json.js';
import type { DocumentCollection } from '../store/document-store.js';

/** A lease that is ours until `lost` says otherwise. It renews itself. */
export class Lease {
  private readonly losing = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private renewed = performance.now();
  private renewing: Promise<void> = Promise.resolve();

  constructor(
    private readonly collection: DocumentCollection,
    private readonly name: string,
    private version: bigint,
    private readonly holder: JsonObject,
    private readonly ttlMs: number,
  ) {
    this.timer = setInterval(() => (this.renewing = this.renewing.then(() => this.renew())), ttlMs / 3);
  }

  /** Aborts when somebody else has taken the lease, or when it could not be renewed in time. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Gives the lease up, so that the next owner need not wait. */
  async release(): Promise<void> {
    clearInterval(this.timer);
    await this.renewing;
    if (this.lost.aborted) return;
    // When the store is away, the lease ends by itself.
    await this.collection.put([{ key: this.name, version: this.version + 1n, body: undefined }]).catch(() => undefined);
  }

  private async renew(): Promise<void> {
    if (this.lost.aborted) return;
    try {
      const refused = await this.collection.put([{ key: this.name, version: this.version + 1n, body: this.holder }]);
      if (refused.length > 0) this.lose();
      this.version++;
      this.renewed = performance.now();
    } catch {
      if (performance.now() - this.renewed > this.ttlMs) this.lose();
    }
  }

  private lose(): void {
    clearInterval(this.timer);
    this.losing.abort();
  }
}
