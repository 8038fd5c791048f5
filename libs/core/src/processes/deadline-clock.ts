import { setTimeout as delay } from 'node:timers/promises';
import { deterministicId } from '../events/deterministic-id.js';
import { eventDefinition } from '../events/event.decorator.js';
import type { JsonObject } from '../events/json.js';
import type { EventHeaders } from '../events/recorded-event.js';
import type { DocumentCollection, StoredDocument } from '../store/document-store.js';
import type { EventStore } from '../store/event-store.js';
import { DeadlineDue } from './deadline-due.js';
import { appendOnce } from './outbox.js';

/** How often it looks for deadlines that have passed, in milliseconds. */
const TICK_MS = 100;
/** How many instances are looked at together. */
const PAGE = 500;

/**
 * Turns deadlines that have passed into events in the log, which decides what came first. It looks at the wall clock and
 * never computes a wait from it: a clock that jumps makes deadlines come early or late, and loses none.
 *
 * An owner goes once through what is due, in the order in which it is, and looks at nothing again that it has gone past:
 * an instance keeps a deadline that is due until its event has come back to it, and where the instance is parked, for
 * ever. What is set behind its back, because it was due already, it is told by whoever sets it. Another owner begins
 * again; its repeats have no effect.
 */
export class DeadlineClock {
  /** All that was due up to here is announced. */
  private announced = -Infinity;
  /** Up to here it may have looked: what is set to be due no later is announced by whoever sets it. */
  private looked = -Infinity;
  /** From here on it looks again: what is due later was set while the clock had gone back. */
  private again = Infinity;
  private ending: AbortSignal | undefined;

  constructor(
    private readonly process: string,
    private readonly instances: DocumentCollection,
    private readonly store: EventStore,
    private readonly now: () => Date,
  ) {}

  async run(signal: AbortSignal): Promise<void> {
    this.announced = this.looked = -Infinity;
    this.ending = signal;
    while (!signal.aborted) {
      // When a store is away, deadlines wait; they are in the instances' documents.
      await this.tick().catch(() => undefined);
      await delay(TICK_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** An instance was stored with these deadlines. */
  async isSet(key: string, deadlines: Readonly<Record<string, number>>, headers: EventHeaders): Promise<void> {
    const due = Math.min(...Object.values(deadlines));
    if (due > this.looked) return; // its time is to come
    const now = this.now().getTime();
    await this.announce(key, { deadlines, headers: headers as JsonObject }, now);
    // The clock was ahead of where it is now: it goes that way again.
    if (due > now) this.again = Math.min(this.again, now);
  }

  private get hasEnded(): boolean {
    return this.ending?.aborted === true;
  }

  private async tick(): Promise<void> {
    const now = this.now().getTime();
    this.looked = Math.max(this.looked, now);
    this.announced = Math.min(this.announced, this.again);
    this.again = Infinity;
    while (!this.hasEnded) {
      const page = await this.instances.find(dueBetween(this.announced, now), { sort: { dueAt: 1 }, limit: PAGE });
      const isLast = page.length < PAGE;
      const last = page.at(-1)?.body?.dueAt as number | undefined;
      // Of those that are due at the same time as the last one, there may be any number, and in any order.
      const whole = isLast ? page : page.filter(({ body }) => body!.dueAt !== last);
      await this.announceAll(whole, now);
      if (isLast) {
        this.announced = Math.max(this.announced, now);
        return;
      }
      await this.announceAt(last!, now);
      if (!this.hasEnded) this.announced = last!;
    }
  }

  /** All that are due at that very time, in the order of their keys, so that none is missed when others go. */
  private async announceAt(due: number, now: number): Promise<void> {
    for (let after: string | undefined; !this.hasEnded;) {
      const page = await this.instances.find({ dueAt: due }, { limit: PAGE, ...(after !== undefined && { after }) });
      await this.announceAll(page, now);
      if (page.length < PAGE) return;
      after = page.at(-1)!.key;
    }
  }

  private async announceAll(page: readonly StoredDocument[], now: number): Promise<void> {
    await Promise.all(page.map(({ key, body }) => this.announce(key, body!, now)));
  }

  private async announce(key: string, { deadlines, headers }: JsonObject, now: number): Promise<void> {
    for (const [name, due] of Object.entries(deadlines as Record<string, number>)) {
      if (due > now) continue;
      const { type, version } = eventDefinition(DeadlineDue);
      await appendOnce(this.store, 'gesta.deadline', {
        id: deterministicId('deadline', this.process, key, name, due),
        type,
        version,
        headers: headers as EventHeaders,
        data: { process: this.process, key, name, due },
      });
    }
  }
}

function dueBetween(after: number, upTo: number) {
  return { dueAt: after === -Infinity ? { $lte: upTo } : { $gt: after, $lte: upTo } };
}
