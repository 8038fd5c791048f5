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
  /**
   * Does what the event asks for. It may be asked again for the same event.
   * @param signal aborts when its time is up, or when nobody waits for it any more
   */
  readonly act: (event: RecordedEvent, attempt: number, signal?: AbortSignal) => Promise<void>;
  /** How often an event is tried before its key is set aside. */
  readonly attempts: number;
  /** Counts what is left waiting, where anything may be. */
  readonly waiting?: Pick<WaitingCommands, 'now' | 'watch'>;
  /** How long one try may take, in milliseconds; the application's choice when absent. */
  readonly timeoutMs?: number | undefined;
}

/** What the application says of its effects. */
export interface EffectOptions {
  /** How long one try may take where its own parts do not say, in milliseconds; 30,000 when absent. */
  readonly timeoutMs?: number | undefined;
  /** Hears, once a try, of an effect that has not ended for long. */
  readonly stillWaiting?: (effect: EffectUnderWay) => void;
}

/** An effect that has not ended yet. */
export interface EffectUnderWay {
  readonly key: string;
  readonly position: bigint;
  readonly forMs: number;
}

/** An effect did not end in the time that it is given. What it does later changes nothing. */
export class EffectTimedOut extends Error {
  override readonly name = 'EffectTimedOut';
  constructor(event: RecordedEvent, timeoutMs: number) {
    super(
      `The effect of ${event.type} at ${event.position} has not ended within ${timeoutMs} ms. If that may take longer, raise ` +
        '`timeoutMs` of its @Reactor, or `effectTimeoutMs` of the application',
    );
  }
}

/** An effect is not waited for any longer, because its reader has to stop. */
class EffectLeft extends Error {}

/** How many keys are worked on side by side. */
const CONCURRENCY = 64;
/**
 * Fewer than the command ids that a stream remembers, so that a batch that is taken again after a crash is recognised
 * even when all of it went to one stream.
 */
const BATCH_SIZE = 250;
const LONGEST_WAIT_MS = 5_000;
const TIMEOUT_MS = 30_000;
/** After how long it is told that an effect has not ended, in milliseconds; sooner where it has less time. */
const TOLD_AFTER_MS = 10_000;
/** An effect that did not end so often is not tried again: others wait for its batch. */
const TIMEOUTS = 2;

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

  private readonly leaving = new AbortController();
  private readonly underWay = new Set<{ readonly key: string; readonly position: bigint; readonly since: number }>();
  private readonly timeoutMs: number;

  constructor(
    private readonly parts: EffectParts,
    private readonly options: EffectOptions = {},
  ) {
    this.timeoutMs = parts.timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS;
    this.registry = parts.registry;
    this.filter = parts.filter;
  }

  async waiting(): Promise<Waiting> {
    return (await this.parts.waiting?.now()) ?? {};
  }

  async whileOwned(signal: AbortSignal): Promise<void> {
    await this.parts.waiting?.watch(signal);
  }

  /** What has been under way for the longest time. */
  get waitsFor(): EffectUnderWay | undefined {
    const [oldest] = this.underWay;
    return oldest && { key: oldest.key, position: oldest.position, forMs: performance.now() - oldest.since };
  }

  /** Waits for no effect any longer. What it was asked to take is to be given again to whoever is next. */
  abandon(): void {
    this.leaving.abort(new EffectLeft('The effect is not waited for: its reader stops'));
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
      const failure = await this.tryToAct(key, event, signal);
      if (failure) return { key, event, ...failure };
    }
    return undefined;
  }

  private async tryToAct(
    key: string,
    event: RecordedEvent,
    signal: AbortSignal,
  ): Promise<{ error: unknown; attempts: number } | undefined> {
    for (let attempt = 1, tries = 1, timeouts = 0; ; tries++) {
      if (signal.reason instanceof LeaseLost) throw signal.reason;
      try {
        await this.act(key, event, attempt, signal);
        return undefined;
      } catch (error) {
        const passes = error instanceof StoreUnavailable || error instanceof ConcurrencyConflict;
        if (error instanceof EffectLeft) throw error;
        if (error instanceof EffectTimedOut && ++timeouts >= TIMEOUTS) return { error, attempts: attempt };
        if (!passes && attempt++ >= this.parts.attempts) return { error, attempts: this.parts.attempts };
      }
      await delay(Math.min(LONGEST_WAIT_MS, 50 * 2 ** tries) * (0.75 + Math.random() / 2), undefined, { signal });
    }
  }

  /** One try. When its time is up it has failed, whatever becomes of it. */
  private async act(key: string, event: RecordedEvent, attempt: number, signal: AbortSignal): Promise<void> {
    const { timeoutMs, options, leaving } = this;
    leaving.signal.throwIfAborted();
    const effect = { key, position: event.position, since: performance.now() };
    const ending = new AbortController();
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = (reason: unknown) => {
      ending.abort(reason);
      reject(reason);
    };
    const toldAfterMs = Math.min(TOLD_AFTER_MS, timeoutMs / 2);
    let timer = setTimeout(() => {
      options.stillWaiting?.({ key, position: event.position, forMs: Math.round(toldAfterMs) });
      timer = setTimeout(() => end(new EffectTimedOut(event, timeoutMs)), timeoutMs - toldAfterMs);
    }, toldAfterMs);
    const leave = () => end(leaving.signal.reason);
    // It may end by itself sooner; until it does, its key is not to go on here.
    const lose = () => signal.reason instanceof LeaseLost && ending.abort(signal.reason);
    leaving.signal.addEventListener('abort', leave);
    signal.addEventListener('abort', lose);
    this.underWay.add(effect);
    try {
      await Promise.race([this.parts.act(event, attempt, ending.signal), ended]);
    } finally {
      clearTimeout(timer);
      leaving.signal.removeEventListener('abort', leave);
      signal.removeEventListener('abort', lose);
      this.underWay.delete(effect);
    }
  }
}
