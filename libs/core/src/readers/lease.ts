import { clearTimeout, setTimeout } from 'node:timers';
import { performance } from 'node:perf_hooks';
import { untilInStep } from './in-step.js';
import type { DocumentCollection } from '../store/document-store.js';
import type { Holder } from './holder.js';

/** Why a lease's signal aborted: another owner may be at work. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** A lease that is ours until `lost` says otherwise. It renews itself. */
export class Lease {
  private readonly losing = new AbortController();
  private timer: NodeJS.Timeout;
  private expiry: NodeJS.Timeout | undefined;
  private renewing: Promise<void> | undefined;
  private released = false;
  /**
   * Greater than that of every owner of the name before, and smaller than that of every one after: what a former owner
   * still writes can be told by it.
   */
  readonly epoch: bigint;

  /**
   * @param version of the document that made it ours
   * @param since when that was asked for, by `performance.now()`
   */
  constructor(
    private readonly collection: DocumentCollection,
    private readonly name: string,
    private version: bigint,
    private readonly holder: Holder,
    since: number,
  ) {
    this.epoch = version;
    this.expireAfter(since);
    this.timer = this.renewLater();
  }

  /** Aborts, with a `LeaseLost`, when somebody else has taken the lease, or when it could not be renewed in time. */
  get lost(): AbortSignal {
    return this.losing.signal;
  }

  /** Whether it is not in use any more: lost, or given up. */
  get isOver(): boolean {
    return this.released || this.lost.aborted;
  }

  /** Gives the lease up, so that the next owner need not wait. */
  async release(): Promise<void> {
    clearTimeout(this.timer);
    await this.renewing;
    clearTimeout(this.expiry);
    this.released = true;
    if (this.lost.aborted) return;
    // When the store is away, the lease ends by itself.
    await this.collection.put([{ key: this.name, version: this.version + 1n, body: undefined }]).catch(() => undefined);
  }

  /** Renews it no more: it ends by itself, so that nobody begins while something of ours may still be under way. */
  abandon(): void {
    this.released = true;
    this.lose();
  }

  private renewLater(): NodeJS.Timeout {
    return setTimeout(
      () => {
        this.renewing ??= this.renew(); // one at a time: where the store hangs, they would pile up
        this.timer = this.renewLater();
      },
      untilInStep(this.holder.ttlMs / 3),
    );
  }

  private async renew(): Promise<void> {
    const since = performance.now();
    try {
      const refused = await this.collection.put([{ key: this.name, version: this.version + 1n, body: this.holder }]);
      if (refused.length === 0) this.version++;
      else await this.lookAgain();
      if (!this.lost.aborted) this.expireAfter(since);
    } catch {
      // The store is away. There is time for another try, or the lease expires.
    } finally {
      this.renewing = undefined;
    }
  }

  /** Somebody has written the document: somebody else, or we, and have not heard of it. */
  private async lookAgain(): Promise<void> {
    const stored = (await this.collection.get([this.name])).get(this.name);
    if (stored?.body?.id === this.holder.id) this.version = stored.version;
    else this.lose();
  }

  /** Counted from before the renewal was asked for, so that nobody else can have begun to count earlier. */
  private expireAfter(since: number): void {
    clearTimeout(this.expiry);
    this.expiry = setTimeout(() => this.lose(), Math.max(0, this.holder.ttlMs - (performance.now() - since)));
  }

  /** It is known that somebody else has it. */
  lose(): void {
    clearTimeout(this.timer);
    clearTimeout(this.expiry);
    this.losing.abort(new LeaseLost(`The lease '${this.name}' was lost`));
  }
}
