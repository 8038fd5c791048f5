import { setTimeout as delay } from 'node:timers/promises';
import { ConcurrencyConflict } from '../aggregates/concurrency-conflict.js';
import type { EventRegistry } from '../events/event-registry.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { StoreUnavailable } from '../store/errors.js';
import type { EventFilter } from '../store/event-store.js';
import type { Waiting, WaitingCommands } from '../messaging/waiting-commands.js';
import type { EffectUnderWay } from './effect-under-way.js';
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
  /** How often an event is tried before its key is parked. */
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
  /** After how long under way an effect goes on apart from its batch, in milliseconds; 500 when absent. */
  readonly apartAfterMs?: number | undefined;
}

/** An effect takes long. The reader has gone on; what is for its key waits, and is taken by itself once it has ended. */
export class EffectStillUnderWay extends Error {
  override readonly name = 'EffectStillUnderWay';
  constructor(event: RecordedEvent, since: Date) {
    super(
      `The effect of ${event.type} at ${event.position} has been under way since ${since.toISOString()}. What is for its key ` +
        'waits behind it, and goes on by itself once it has ended or its time is up',
    );
  }
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

/** Why an event was not taken for its key. */
type Failing = Pick<Failure, 'error' | 'attempts'>;

/** An effect that its batch has not waited for. It is kept until its event is given again, to tell what came of it. */
interface Apart {
  readonly event: RecordedEvent;
  readonly since: Date;
  /** Once it has; never rejects. */
  readonly ended: Promise<void>;
  /** What came of it; `undefined` while it is under way. */
  outcome?: { readonly failing: Failing | undefined };
}

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
/** An effect that did not end so often is not tried again. */
const TIMEOUTS = 2;
/** After how long under way an effect goes on apart from its batch, in milliseconds. */
const APART_AFTER_MS = 500;
/** In so many steps that is counted: a process that stood still has not waited meanwhile. */
const APART_STEPS = 5;
/** How many effects may be under way apart from their batches. Where there are as many, the next batch waits. */
const MOST_APART = 100;

/**
 * Has effects for events, at least once: events of one key in order, keys side by side. An effect that fails is tried
 * again with growing waits, then its key is parked; a store that is away is waited for and parks nothing.
 *
 * An effect that takes long goes on apart from its batch: its key is parked with a letter that asks for another try, and
 * the reader goes on. The event is given again once the effect has ended, which tells what came of it then; where the process
 * has died meanwhile, it is given to the next owner, which has that one effect again.
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
  /** The tries under way, by key, the oldest first. */
  private readonly underWay = new Map<string, { readonly position: bigint; readonly since: number }>();
  private readonly apart = new Map<string, Apart>();
  private readonly timeoutMs: number;
  private readonly apartAfterMs: number;

  constructor(
    private readonly parts: EffectParts,
    private readonly options: EffectOptions = {},
  ) {
    this.timeoutMs = parts.timeoutMs ?? options.timeoutMs ?? TIMEOUT_MS;
    this.apartAfterMs = options.apartAfterMs ?? APART_AFTER_MS;
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
    let oldest: EffectUnderWay | undefined;
    for (const [key, { position, since }] of this.underWay) {
      const othersGoOn = this.apart.get(key)?.event.position === position;
      oldest ??= { key, position, forMs: performance.now() - since, othersGoOn };
      // What holds the reader up is told rather than what does not.
      if (!othersGoOn)
        return oldest.othersGoOn ? { key, position, forMs: performance.now() - since, othersGoOn } : oldest;
    }
    return oldest;
  }

  /** Whether an effect for the key, or for any key where none is named, is under way apart from its batch. */
  isUnderWay(key?: string): boolean {
    if (key === undefined) return this.manyApart() > 0;
    const apart = this.apart.get(key);
    return apart !== undefined && !apart.outcome;
  }

  /** Waits for what is under way apart from its batch. */
  async rest(): Promise<readonly KeyedEvent[]> {
    await Promise.all([...this.apart.values()].map(({ ended }) => ended));
    const done = [...this.apart].flatMap(([key, { event, outcome }]) =>
      outcome && !outcome.failing ? [{ key, event }] : [],
    );
    this.apart.clear();
    return done;
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
      const failure = await this.outcomeOf(key, event, signal);
      if (failure) return { key, event, ...failure };
    }
    return undefined;
  }

  /** What came of the effect, unless it takes long. */
  private async outcomeOf(
    key: string,
    event: RecordedEvent,
    signal: AbortSignal,
  ): Promise<Pick<Failure, 'error' | 'attempts' | 'isUnderWay'> | undefined> {
    const before = this.apart.get(key);
    if (before) {
      const isIt = before.event.position === event.position;
      if (isIt && !before.outcome) return stillUnderWay(before);
      await before.ended;
      this.apart.delete(key);
      if (isIt && before.outcome) return before.outcome.failing;
    }
    const since = new Date();
    const trying = this.tryToAct(key, event, signal);
    if (!(await this.takesLong(trying, key, signal))) return trying;
    const ended = trying.then(
      (failing) => void (apart.outcome = { failing }),
      // It was left, or is not to be tried any more here: whoever is given it next tries it anew.
      () => void this.apart.delete(key),
    );
    const apart: Apart = { event, since, ended };
    this.apart.set(key, apart);
    return stillUnderWay(apart);
  }

  /**
   * Waits for the effect until it has ended or has been under way for so long that the others are to go on without it.
   * Waiting for another try is none of that: what is away for one is away for the others. Nor does anybody go on when it stops.
   */
  private async takesLong(trying: Promise<unknown>, key: string, signal: AbortSignal): Promise<boolean> {
    const { promise: long, resolve } = Promise.withResolvers<boolean>();
    let steps = 0;
    const timer = setInterval(() => {
      if (!this.underWay.has(key)) steps = 0;
      else if (++steps >= APART_STEPS && !signal.aborted && this.manyApart() < MOST_APART) resolve(true);
    }, this.apartAfterMs / APART_STEPS);
    const ended = () => false;
    try {
      return await Promise.race([trying.then(ended, ended), long]);
    } finally {
      clearInterval(timer);
    }
  }

  private manyApart(): number {
    let many = 0;
    for (const { outcome } of this.apart.values()) if (!outcome) many++;
    return many;
  }

  private async tryToAct(key: string, event: RecordedEvent, signal: AbortSignal): Promise<Failing | undefined> {
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
    const { position } = event;
    const ending = new AbortController();
    const { promise: ended, reject } = Promise.withResolvers<never>();
    const end = (reason: unknown) => {
      ending.abort(reason);
      reject(reason);
    };
    const toldAfterMs = Math.min(TOLD_AFTER_MS, timeoutMs / 2);
    let timer = setTimeout(() => {
      const othersGoOn = this.isUnderWay(key);
      options.stillWaiting?.({ key, position, forMs: Math.round(toldAfterMs), othersGoOn });
      timer = setTimeout(() => end(new EffectTimedOut(event, timeoutMs)), timeoutMs - toldAfterMs);
    }, toldAfterMs);
    const leave = () => end(leaving.signal.reason);
    // It may end by itself sooner; until it does, its key is not to go on here.
    const lose = () => signal.reason instanceof LeaseLost && ending.abort(signal.reason);
    leaving.signal.addEventListener('abort', leave);
    signal.addEventListener('abort', lose);
    this.underWay.set(key, { position, since: performance.now() });
    try {
      await Promise.race([this.parts.act(event, attempt, ending.signal), ended]);
    } finally {
      clearTimeout(timer);
      leaving.signal.removeEventListener('abort', leave);
      signal.removeEventListener('abort', lose);
      this.underWay.delete(key);
    }
  }
}

function stillUnderWay({ event, since }: Apart): Failing & { isUnderWay: true } {
  return { error: new EffectStillUnderWay(event, since), attempts: 0, isUnderWay: true };
}
