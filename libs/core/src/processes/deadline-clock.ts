import { setTimeout as delay } from 'node:timers/promises';
import { LRUCache } from 'lru-cache';
import { deterministicId } from '../events/deterministic-id.js';
import { eventDefinition } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { EventHeaders } from '../events/recorded-event.js';
import type { DocumentCollection } from '../store/document-store.js';
import type { EventStore } from '../store/event-store.js';
import { DeadlineDue } from './deadline-due.js';
import { appendOnce } from './outbox.js';

/** How often it looks for deadlines that have passed, in milliseconds. */
const TICK_MS = 100;
const PAGE = 500;

/**
 * Turns deadlines that have passed into events in the log, which decides what came first. It looks at the wall clock and
 * never computes a wait from it: a clock that jumps makes deadlines come early or late, and loses none.
 */
export class DeadlineClock {
  /** What was appended and may not have been taken by its instance yet; only to spare repeats, which do no harm. */
  private readonly appended = new LRUCache<string, true>({ max: 10_000 });

  constructor(
    private readonly process: string,
    private readonly instances: DocumentCollection,
    private readonly store: EventStore,
    private readonly now: () => Date,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // When a store is away, deadlines wait; they are in the instances' documents.
      await this.tick().catch(() => undefined);
      await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  private async tick(): Promise<void> {
    const now = this.now().getTime();
    for (let skip = 0; ; skip += PAGE) {
      const due = await this.instances.find({ dueAt: { $lte: now } }, { sort: { dueAt: 1 }, skip, limit: PAGE });
      await Promise.all(due.map(({ key, body }) => this.announce(key, body!, now)));
      if (due.length < PAGE) return;
    }
  }

  private async announce(key: string, { deadlines, headers }: JsonObject, now: number): Promise<void> {
    for (const [name, due] of Object.entries(deadlines as Record<string, number>)) {
      if (due > now) continue;
      const id = deterministicId('deadline', this.process, key, name, due);
      if (this.appended.has(id)) continue;
      const { type, version } = eventDefinition(DeadlineDue);
      await appendOnce(this.store, 'gesta.deadline', {
        id,
        type,
        version,
        headers: headers as EventHeaders,
        data: { process: this.process, key, name, due },
      });
      this.appended.set(id, true);
    }
  }
}
