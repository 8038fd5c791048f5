import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import type { JsonObject } from '../events/json.js';
import type { DocumentCollection, DocumentStore, StoredDocument } from '../store/document-store.js';
import { Lease } from './lease.js';

/** Who holds a lease. */
interface Holder {
  readonly id: string;
  readonly host: string;
  readonly pid: number;
  /** When that process began, in milliseconds since 1970: tells a process from an older one of the same number. */
  readonly processBegan: number;
  readonly ttlMs: number;
}

/**
 * One owner for each name, among all the processes on one document store.
 *
 * No clocks are compared: a lease is over when its document has not changed for its time to live, measured by whoever
 * waits for it. It is over at once when it was released, or when its holder was a process of this machine that is gone.
 * An owner that was paused past its lease may go on for a moment; documents' versions see to it that it does no harm.
 */
export class Leases {
  private readonly me: Holder;

  private constructor(
    private readonly collection: DocumentCollection,
    ttlMs: number,
  ) {
    this.me = {
      id: randomUUID(),
      host: hostname(),
      pid: process.pid,
      processBegan: Math.round(performance.timeOrigin),
      ttlMs,
    };
  }

  static async open(documents: DocumentStore, ttlMs = 10_000): Promise<Leases> {
    return new Leases(await documents.collection('gesta.leases'), ttlMs);
  }

  /** Waits until the lease is ours; `undefined` when the signal came first. */
  async acquire(name: string, signal: AbortSignal): Promise<Lease | undefined> {
    let watched: { version: bigint; since: number } | undefined;
    while (!signal.aborted) {
      const stored = (await this.collection.get([name])).get(name);
      const holder = stored?.body as unknown as Holder | undefined;
      if (!holder || this.isGone(holder) || this.isOver(holder, stored!, watched)) {
        const version = (stored?.version ?? 0n) + 1n;
        const refused = await this.collection.put([{ key: name, version, body: this.me as unknown as JsonObject }]);
        if (refused.length === 0)
          return new Lease(this.collection, name, version, this.me as unknown as JsonObject, this.me.ttlMs);
      } else if (watched?.version !== stored!.version) {
        watched = { version: stored!.version, since: performance.now() };
      }
      await delay(Math.min(250, this.me.ttlMs / 4), undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  private isOver(
    holder: Holder,
    stored: StoredDocument,
    watched: { version: bigint; since: number } | undefined,
  ): boolean {
    return watched?.version === stored.version && performance.now() - watched.since > holder.ttlMs;
  }

  private isGone({ host, pid, processBegan }: Holder): boolean {
    if (host !== this.me.host) return false;
    if (pid === this.me.pid) return processBegan !== this.me.processBegan;
    try {
      process.kill(pid, 0);
      return false;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code === 'ESRCH';
    }
  }
}
