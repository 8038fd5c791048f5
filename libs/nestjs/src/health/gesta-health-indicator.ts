import { setTimeout as delay } from 'node:timers/promises';
import type { Gesta, ReaderStatus, StoreCondition } from '@gesta/core';
import type { Stores } from '../configuration/open-stores.js';

/** What was found, in the form that `@nestjs/terminus` takes. */
export type GestaHealth<Details extends object = object> = Record<
  string,
  { status: 'up' | 'degraded' | 'down' } & Details
>;

/** How a reader of the log is doing, as JSON. */
export interface ReaderHealth {
  kind: ReaderStatus['kind'];
  /** Whether this process does its work. */
  owner: boolean;
  /** A decimal number. */
  position: string;
  /** How many positions it is behind the end of the log. */
  lag: number;
  /** Whether it has got to what was the end of the log when it was first looked at. */
  caughtUp: boolean;
  /** How many keys and streams are parked. */
  parked: number;
  /** The types that this code names and that were not looked for yet up to the position. */
  missing: readonly string[];
  /** Commands that are in the log and have no handler here, how many of each name. */
  waiting: Readonly<Record<string, number>>;
  /** In what a projection is not what its documents were made by, and what to do; absent where it is. */
  changed?: string;
  /** Whether its last pass failed, and it has not recovered since; the log says why. */
  failing: boolean;
  /**
   * What it has been waiting for longer than a second: an effect of the key, or a store or a fold where none is named; and
   * whether it goes on with other keys.
   */
  waitsFor?: { key?: string; position?: string; forMs: number; othersGoOn?: true };
}

export interface HealthOptions {
  /** The name under which the answer stands. */
  key?: string;
  /** How long the stores are waited for, in milliseconds; 1,000 when absent. */
  timeoutMs?: number;
}

/** After how long without an answer a reader does not count as going on, in milliseconds. */
const STUCK_AFTER_MS = 30_000;
/** How long an append may wait for its answer before the store counts as down, in milliseconds. */
const LONGEST_WAIT_MS = 3_000;

/**
 * Tells how Gesta is doing, for `@nestjs/terminus` or whatever asks. It can be injected wherever `GestaModule` is.
 *
 * ```ts
 * @Get('health/ready') @HealthCheck()
 * ready() { return this.health.check([() => this.gesta.stores(), () => this.gesta.readers()]); }
 *
 * @Get('health/live') @HealthCheck()
 * live() { return this.health.check([() => this.gesta.alive()]); }
 * ```
 */
export class GestaHealthIndicator {
  /** Where each reader has to get to before it counts as caught up. */
  private readonly goals = new Map<string, bigint>();

  constructor(
    private readonly gesta: Gesta,
    private readonly openStores: Stores,
    /** Whether this process follows the log at all. */
    private readonly follows: boolean,
  ) {}

  /** Up as long as the process answers. It asks no store: starting the process anew would not bring one back. */
  alive({ key = 'gesta' }: Pick<HealthOptions, 'key'> = {}): GestaHealth {
    return { [key]: { status: 'up' } };
  }

  /**
   * Up when the event store and the document store answer in time and take writes, and no append has waited for 3 seconds;
   * degraded when one of them tells of what will become a problem.
   */
  async stores({ key = 'stores', timeoutMs }: HealthOptions = {}): Promise<
    GestaHealth<{ events: string; documents: string; warnings?: readonly string[] }>
  > {
    const { events, documents } = this.openStores;
    const [eventsAnswer, documentsAnswer] = await Promise.all([
      // Which log it is, too: what is open here may not be what is at the store's address any more.
      conditionOf(events, async () => [await events.head(), await events.log()], timeoutMs),
      conditionOf(documents, () => documents.collections(), timeoutMs),
    ]);
    const both = [eventsAnswer, documentsAnswer];
    const warnings = [...new Set(both.flatMap((answer) => answer?.warnings ?? []))];
    const waits = (events.oldestWaiting?.() ?? 0) > LONGEST_WAIT_MS;
    const isDown = waits || both.some((answer) => !answer || answer.failing !== undefined);
    const status = isDown ? 'down' : warnings.length > 0 ? 'degraded' : 'up';
    const shownEvents = waits ? 'lets appends wait' : shown(eventsAnswer);
    const shownWarnings = warnings.length > 0 ? { warnings } : {};
    return { [key]: { status, events: shownEvents, documents: shown(documentsAnswer), ...shownWarnings } };
  }

  /**
   * Up once every reader of the log has got to where its end was when it was first looked at; degraded while one of
   * them fails and tries again; down while one cannot go on by itself, or waits for longer than half a minute and goes on with
   * nothing else. What is parked is told, and takes nobody down. A process that follows no log is up.
   */
  async readers({ key = 'readers', timeoutMs }: HealthOptions = {}): Promise<
    GestaHealth<{ message?: string; readers?: Record<string, ReaderHealth> }>
  > {
    if (!this.follows) return { [key]: { status: 'up', message: 'This process does not follow the log' } };
    const found = await inTime(() => this.gesta.status(), timeoutMs);
    if (!found) return { [key]: { status: 'down', message: this.noAnswer() } };
    const readers = Object.fromEntries(found.map((status) => [status.reader, this.healthOf(status)]));
    const all = Object.values(readers);
    const isStuck = found.some(
      ({ stuck, waitsFor }) => stuck || (waitsFor && !waitsFor.othersGoOn && waitsFor.forMs > STUCK_AFTER_MS),
    );
    const status =
      isStuck || all.some(({ caughtUp }) => !caughtUp)
        ? 'down'
        : all.some(({ failing }) => failing)
          ? 'degraded'
          : 'up';
    return { [key]: { status, readers } };
  }

  private noAnswer(): string {
    const waiting = this.gesta.waiting().map(({ reader, forMs }) => `${reader} for ${Math.round(forMs)} ms`);
    return ['The stores do not answer', ...(waiting.length > 0 ? [`waiting: ${waiting.join(', ')}`] : [])].join('; ');
  }

  private healthOf(found: ReaderStatus): ReaderHealth {
    const { reader, kind, owner, position, lag, caughtUp, parked, missing, waiting, changed, error, waitsFor } = found;
    // Under load there is always something new: what counts is the end of the log as it was at the beginning.
    const goal = this.goals.get(reader) ?? position + lag;
    this.goals.set(reader, goal);
    return {
      kind,
      owner,
      position: position.toString(),
      lag: Number(lag),
      caughtUp: caughtUp || position >= goal,
      parked,
      missing,
      waiting,
      ...(changed !== undefined && { changed }),
      failing: error !== undefined,
      ...(waitsFor && {
        waitsFor: {
          ...(waitsFor.key !== undefined && { key: waitsFor.key, position: String(waitsFor.position) }),
          forMs: Math.round(waitsFor.forMs),
          ...(waitsFor.othersGoOn && { othersGoOn: true }),
        },
      }),
    };
  }
}

/** How the store is doing; `undefined` when it does not answer in time. */
async function conditionOf(
  store: { condition?(): Promise<StoreCondition> },
  ask: () => Promise<unknown>,
  timeoutMs?: number,
): Promise<StoreCondition | undefined> {
  const [answer, condition] = await Promise.all([
    inTime(async () => (await ask(), true), timeoutMs),
    inTime(async () => (await store.condition?.()) ?? { warnings: [] }, timeoutMs),
  ]);
  return answer ? condition : undefined;
}

/** What was asked for; `undefined` when it failed or took too long. */
async function inTime<T>(ask: () => Promise<T>, timeoutMs = 1_000): Promise<T | undefined> {
  const waiting = new AbortController();
  const late = delay(timeoutMs, undefined, { signal: waiting.signal }).catch(() => undefined);
  try {
    return await Promise.race([ask(), late]);
  } catch {
    return undefined;
  } finally {
    waiting.abort();
  }
}

function shown(condition: StoreCondition | undefined): string {
  if (!condition) return 'does not answer';
  return condition.failing === undefined ? 'answers' : `takes no writes: ${condition.failing}`;
}
