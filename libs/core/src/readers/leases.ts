import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import type { DocumentCollection, DocumentStore, StoredDocument } from '../store/document-store.js';
import { holderHere, isGone, type Holder } from './holder.js';
import { Lease } from './lease.js';

/**
 * One owner for each name, among all the processes on one document store.
 *
 * No clocks are compared: a lease is over when its document has not changed for its time to live, measured by whoever
 * waits for it. It is over at once when it was released, or when its holder was a process of this machine that is gone.
 * An owner that was paused past its lease may go on for a moment; documents' versions and fences see to it that it does no
 * harm.
 */
export class Leases {
  private readonly me: Holder;
  private readonly held = new Map<string, Lease>();

  private constructor(
    private readonly collection: DocumentCollection,
    ttlMs: number,
  ) {
    this.me = holderHere(ttlMs);
  }

  /** @param ttlMs after how long without a renewal another process takes over, in milliseconds; 10,000 when absent */
  static async open(documents: DocumentStore, ttlMs = 10_000): Promise<Leases> {
    return new Leases(await documents.collection('gesta.leases'), ttlMs);
  }

  /**
   * Waits until the lease is ours; `undefined` when the signal came first. One that we gave up or lost when the store was
   * away, so that it still bears our name, is ours again at once.
   * @param above an epoch that was met and that the lease's is to be greater than, whatever became of its document
   * @param met hears, each time, that another process shows it is alive and has it
   */
  async acquire(name: string, signal: AbortSignal, above = 0n, met?: () => void): Promise<Lease | undefined> {
    let watched: { version: bigint; since: number } | undefined;
    while (!signal.aborted) {
      const stored = (await this.collection.get([name])).get(name);
      const holder = stored?.body as unknown as Holder | undefined;
      if (!holder || this.isLeftByUs(name, holder) || isGone(holder, this.me) || isOver(holder, stored!, watched)) {
        const before = stored?.version ?? 0n;
        const version = (before > above ? before : above) + 1n;
        const since = performance.now();
        const refused = await this.collection.put([{ key: name, version, body: this.me }]);
        if (refused.length === 0) {
          const lease = new Lease(this.collection, name, version, this.me, since);
          this.held.set(name, lease);
          return lease;
        }
      } else if (watched?.version !== stored!.version) {
        if (watched) met?.();
        watched = { version: stored!.version, since: performance.now() };
      }
      await delay(Math.min(250, this.me.ttlMs / 4), undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  /**
   * Whether whoever has the lease shows itself before it is over. Where nobody has it, or whoever had it is gone, it can be
   * acquired. Takes up to the lease's time to live.
   */
  async isInUse(name: string): Promise<boolean> {
    const before = (await this.collection.get([name])).get(name);
    const holder = before?.body as unknown as Holder | undefined;
    if (!holder || isGone(holder, this.me)) return false;
    for (const end = performance.now() + holder.ttlMs; performance.now() < end;) {
      await delay(Math.min(100, holder.ttlMs / 8));
      const stored = (await this.collection.get([name])).get(name);
      if (!stored?.body) return false;
      if (stored.version !== before!.version) return true;
    }
    return false;
  }

  private isLeftByUs(name: string, holder: Holder): boolean {
    return holder.id === this.me.id && this.held.get(name)?.isOver !== false;
  }
}

function isOver(
  holder: Holder,
  stored: StoredDocument,
  watched: { version: bigint; since: number } | undefined,
): boolean {
  return watched?.version === stored.version && performance.now() - watched.since > holder.ttlMs;
}
