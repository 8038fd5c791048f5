import { setImmediate as nextTurn, setTimeout as delay } from 'node:timers/promises';
import { StoreUnavailable, type DocumentCollection, type DocumentStore, type EventStore } from '@gesta/core';
import type { Random } from '@marketplace/simulator';

/**
 * What a call of a port may meet. `fails` and `dies`: nothing came of it; `answer-lost` and `dies-after`: it happened and
 * nobody hears of it; `pauses`, `pauses-after`: the whole process stands still; `hangs`: this one call does.
 */
const FAULTS = ['fails', 'answer-lost', 'dies', 'dies-after', 'pauses', 'pauses-after', 'hangs'] as const;
type Fault = (typeof FAULTS)[number];

const READINGS: ReadonlySet<string> = new Set(['readStream', 'readAll', 'subscribe']);
/** Methods that close or describe; they meet nothing. */
const HARMLESS: ReadonlySet<string> = new Set(['close', 'collections']);

/** What surrounds the calls of one process. */
export interface Circumstances {
  readonly chance: Random;
  /** How probable it is that a call meets a fault. */
  readonly faults: () => number;
  /** For how long a process stands still, in milliseconds: longer than a lease lasts, mostly. */
  readonly pauseMs: () => number;
  readonly happened: (what: string) => void;
  readonly died: () => void;
}

/**
 * The ports through which one process does its work, and through which it fails, stands still and dies: from then on none
 * of its calls comes back.
 */
export class FaultyPorts {
  private gone = false;
  private standing: Promise<void> | undefined;

  constructor(private readonly circumstances: Circumstances) {}

  get isGone(): boolean {
    return this.gone;
  }

  die(): void {
    if (this.gone) return;
    this.gone = true;
    this.circumstances.died();
  }

  events(inner: EventStore): EventStore {
    return this.through(inner, '');
  }

  documents(inner: DocumentStore): DocumentStore {
    const documents = this.through(inner, '');
    return new Proxy(documents, {
      get: (target, name) =>
        name === 'collection'
          ? async (...asked: Parameters<DocumentStore['collection']>) =>
              this.through<DocumentCollection>(
                await this.call(`open ${asked[0]}`, () => inner.collection(...asked)),
                asked[0],
              )
          : Reflect.get(target, name),
    });
  }

  private through<P extends object>(inner: P, name: string): P {
    return new Proxy(inner, {
      get: (target, member) => {
        const value: unknown = Reflect.get(target, member, target);
        if (typeof value !== 'function' || typeof member !== 'string') return value;
        const method = value.bind(target) as (...args: unknown[]) => unknown;
        if (HARMLESS.has(member)) return method;
        if (READINGS.has(member))
          return (...args: unknown[]) => this.reading(member, method(...args) as AsyncIterable<unknown>);
        return (...args: unknown[]) => this.call(`${member} ${name || String(args[0])}`, async () => method(...args));
      },
    });
  }

  private async *reading(what: string, batches: AsyncIterable<unknown>): AsyncGenerator<unknown> {
    for await (const batch of batches) {
      await this.alive();
      if (this.meets(0.5)) {
        this.circumstances.happened(`${what} breaks off`);
        throw new StoreUnavailable('The connection was lost');
      }
      yield batch;
    }
  }

  private async call<T>(what: string, work: () => Promise<T>): Promise<T> {
    const { chance, happened, pauseMs } = this.circumstances;
    await this.alive();
    const fault = this.meets(1) ? FAULTS[chance.integer(0, FAULTS.length - 1)]! : undefined;
    if (fault) happened(`${fault}: ${what}`);
    await this.before(fault, pauseMs);
    if (chance.chance(0.3)) await nextTurn();
    const answer = await work();
    if (fault === 'answer-lost') throw new StoreUnavailable('The answer was lost');
    if (fault === 'dies-after') this.die();
    if (fault === 'pauses-after') this.standStill(pauseMs());
    await this.alive();
    return answer;
  }

  private async before(fault: Fault | undefined, pauseMs: () => number): Promise<void> {
    if (fault === 'fails') throw new StoreUnavailable('The store is away');
    if (fault === 'dies') this.die();
    if (fault === 'pauses') this.standStill(pauseMs());
    if (fault === 'hangs') await delay(pauseMs() / 2);
    await this.alive();
  }

  private meets(share: number): boolean {
    return this.circumstances.chance.chance(this.circumstances.faults() * share);
  }

  private standStill(ms: number): void {
    this.standing ??= delay(ms).then(() => {
      this.standing = undefined;
    });
  }

  /** Goes on when the process does; never, when it is gone. */
  private async alive(): Promise<void> {
    if (this.standing) await this.standing;
    if (this.gone) await new Promise<never>(() => undefined); // its own, so that what waits can be forgotten
  }
}
