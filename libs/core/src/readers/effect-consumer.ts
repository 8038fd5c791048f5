import { setTimeout as delay } from 'node:timers/promises';
import { ConcurrencyConflict } from '../aggregates/concurrency-conflict.js';
import type { EventRegistry } from '../events/event-registry.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { StoreUnavailable } from '../store/errors.js';
import type { EventFilter } from '../store/event-store.js';
import type { Waiting, WaitingCommands } from '../messaging/waiting-commands.js';
import type { EventConsumer, Failure, KeyedEvent } from './event-consumer.js';
import { LeaseLost } from './lease.js';

/** What an effect consumer is made of. */
export interface EffectParts {
  readonly registry: EventRegistry;
  readonly filter: EventFilter;
  readonly keysOf: (event: RecordedEvent) => readonly string[];
  /** Does what the event asks for. It may be asked again for the same event. */
  readonly act: (event: RecordedEvent, attempt: number) => Promise<void>;
  /** How often an event is tried before its key is set aside. */
  readonly attempts: number;
  /** Counts what is left waiting, where anything may be. */
  readonly waiting?: Pick<WaitingCommands, 'now' | 'watch'>;
}

/** How many keys are worked on side by side. */
const CONCURRENCY = 64;
/**
 * Fewer than the command ids that a stream remembers, so that a batch that is taken again after a crash is recognised
 * even when all of it went to one stream.
 */
const BATCH_SIZE = 250;
const LONGEST_WAIT_MS = 5_000;

/**
 * Has effects for events, at least once: events of one key in order, keys side by side. An effect that fails is tried
 * again with growing waits, then its key is set aside; a store that is away is waited for and parks nothing.
 *
 * When it is stopped it finishes the batch in hand, because what it has done of it would be done again; it only does not
 * wait for another try. When its lease is lost, it begins nothing more.
 */
export class EffectConsumer implements EventConsumer {
  readonly batchSize = BATCH_SIZE;
  readonly repeatsEffects = true;
  readonly registry: EventRegistry;
  readonly filter: EventFilter;

  constructor(private readonly parts: EffectParts) {
    this.registry = parts.registry;
    this.filter = parts.filter;
  }

  async waiting(): Promise<Waiting> {
    return (await this.parts.waiting?.now()) ?? {};
  }

  async whileOwned(signal: AbortSignal): Promise<void> {
    await this.parts.waiting?.watch(signal);
  }

  keysOf(event: RecordedEvent): readonly string[] {
    return this.parts.keysOf(event);
  }

  async take(work: readonly KeyedEvent[], { signal }: { signal: AbortSignal }): Promise<readonly Failure[]> {
    const byKey = Map.groupBy(work, ({ key }) => key);
    const failures: Failure[] = [];
    const waiting = byKey.values();
    let ended: { readonly reason: unknown } | undefined;
    const worker = async () => {
      for (const keyed of waiting) {
        if (ended) return;
        try {
          const failure = await this.actInOrder(keyed, signal);
          if (failure) failures.push(failure);
        } catch (reason) {
          ended = { reason };
        }
      }
    };
    // All of them, also when the batch has to be given again: nobody is to begin with it while effects are under way.
    await Promise.all(Array.from({ length: Math.min(CONCURRENCY, byKey.size) }, worker));
    if (ended) throw ended.reason;
    return failures;
  }

  private async actInOrder(keyed: readonly KeyedEvent[], signal: AbortSignal): Promise<Failure | undefined> {
    for (const { key, event } of keyed) {
      const failure = await this.tryToAct(event, signal);
      if (failure) return { key, event, ...failure };
    }
    return undefined;
  }

  private async tryToAct(
    event: RecordedEvent,
    signal: AbortSignal,
  ): Promise<{ error: unknown; attempts: number } | undefined> {
    for (let attempt = 1, tries = 1; ; tries++) {
      if (signal.reason instanceof LeaseLost) throw signal.reason;
      try {
        await this.parts.act(event, attempt);
        return undefined;
      } catch (error) {
        const passes = error instanceof StoreUnavailable || error instanceof ConcurrencyConflict;
        if (!passes && attempt++ >= this.parts.attempts) return { error, attempts: this.parts.attempts };
      }
      await delay(Math.min(LONGEST_WAIT_MS, 50 * 2 ** tries) * (0.75 + Math.random() / 2), undefined, { signal });
    }
  }
}
