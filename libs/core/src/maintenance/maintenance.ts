import { setTimeout as delay } from 'node:timers/promises';
import { eventDefinition } from '../events/event.decorator.js';
import { CommandAccepted } from '../aggregates/command-outcome.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { CommandRefused } from '../processes/command-refused.js';
import { DeadlineDue } from '../processes/deadline-due.js';
import type { Checkpoints } from '../readers/checkpoints.js';
import type { DeadLetters } from '../readers/dead-letters.js';
import type { Leases } from '../readers/leases.js';
import type { Checkpoint, EventStore } from '../store/event-store.js';
import type { DocumentCollection, DocumentStore, StoredDocument } from '../store/document-store.js';
import { AgeMarks } from './age-marks.js';

/** How old, in milliseconds, something is at least before it goes: seven days. */
export const LEAST_AGE_MS = 7 * 24 * 60 * 60 * 1_000;
/** How many streams are removed, and documents looked at, before others get their turn. */
const PORTION = 200;
/** It works for one part of the time and leaves so many to the others. */
const REST = 3;
const AT_ONCE = 8;
/** How long it waits for the lease that another one may have, in milliseconds. */
const PATIENCE_MS = 500;
const LEASE = 'gesta.maintenance';
/** Older versions kept a day's requests together. */
const REQUESTS_OF_A_DAY = /^gesta\.idempotency\.(\d{4}-\d\d-\d\d)$/;
const GENERATION = /^projection\.(.+)\.v(\d+)\.g(\d+)$/;

export interface MaintenanceOptions {
  /** How old something is at least before it goes, in milliseconds; seven days when absent. */
  readonly olderThanMs?: number | undefined;
  /** Counts and removes nothing. */
  readonly dryRun?: boolean | undefined;
  /** Stops after the portion in hand. What is not removed is removed the next time. */
  readonly signal?: AbortSignal | undefined;
  /** Hears what has been removed so far. */
  readonly progress?: ((soFar: MaintenanceReport) => void) | undefined;
}

/** What was removed, or would be. */
export interface MaintenanceReport {
  /** `busy`: another process is at it, and nothing was done here. `stopped`: the signal came first. */
  readonly outcome: 'done' | 'stopped' | 'busy';
  /** Streams of commands that travelled through the log. */
  readonly commands: number;
  /** Streams that say what came of such commands. */
  readonly outcomes: number;
  /** Streams of deadlines that were due. */
  readonly deadlines: number;
  /** Completed instances of process managers. */
  readonly instances: number;
  readonly tombstones: number;
  /** Collections that nothing tells of any more. */
  readonly collections: readonly string[];
  /** The readers on whose account messages were kept that are old enough, and how far they are. */
  readonly heldBackBy: readonly { readonly reader: string; readonly position: bigint }[];
}

/** What of an application its maintenance goes by. */
export interface MaintainedParts {
  /** The categories of the streams in which commands travel that are handled here. */
  readonly commandCategories: readonly string[];
  /** The types of those commands; one that is not handled here may wait for who will. */
  readonly commandTypes: readonly string[];
  /** Names of process managers. */
  readonly processes: readonly string[];
  /** The readers that the application has; one that has not begun needs everything. */
  readonly readers: readonly string[];
  /** The projections, and the types of events that each looks for. */
  readonly projections: readonly { readonly name: string; readonly types: readonly string[] }[];
}

/** What of the stores it works with. */
export interface MaintainedStores {
  readonly store: EventStore;
  readonly documents: DocumentStore;
  readonly checkpoints: Checkpoints;
  readonly leases: Leases;
  readonly deadLetters: DeadLetters;
}

type Removed = { -readonly [K in keyof MaintenanceReport]: MaintenanceReport[K] } & { collections: string[] };

/**
 * Brings to their end the things that have one: messages between process managers and contexts, completed instances,
 * tombstones, and collections that were left behind.
 *
 * A message goes when it is old enough and every reader of this store is past it, letters that wait included; one that a
 * projection is made from stays, as the projection may be rebuilt. What is removed is never needed again, so that two at
 * once, or one that is killed, do no harm: the lease is only there to spare work.
 */
export class Maintenance {
  /** Up to here this process has removed what may go, so that what a store still shows of it is not gone through again. */
  private cleared: Checkpoint | undefined;

  constructor(
    private readonly parts: MaintainedParts,
    private readonly stores: MaintainedStores,
    private readonly now: () => Date,
  ) {}

  /** The log is another one, or was put back: what was removed of it counts no more. */
  forget(): void {
    this.cleared = undefined;
  }

  /** @throws {StoreUnavailable} */
  async run(options: MaintenanceOptions = {}): Promise<MaintenanceReport> {
    const { olderThanMs = LEAST_AGE_MS, dryRun = false, signal, progress } = options;
    const removed: Removed = {
      outcome: 'done',
      commands: 0,
      outcomes: 0,
      deadlines: 0,
      instances: 0,
      tombstones: 0,
      collections: [],
      heldBackBy: [],
    };
    const lease = await this.stores.leases.acquire(LEASE, AbortSignal.timeout(PATIENCE_MS));
    if (!lease) return { ...removed, outcome: 'busy' };
    try {
      const before = this.now().getTime() - olderThanMs;
      const ending = signal ? AbortSignal.any([signal, lease.lost]) : lease.lost;
      const pace = new Pace(ending, () => progress?.({ ...removed }));
      const marks = await AgeMarks.open(this.stores.documents, this.now, olderThanMs);
      const positions = await this.positions();
      await this.messages(positions, before, dryRun, removed, pace);
      await this.instances(positions, before, dryRun, removed, pace);
      await this.tombstones(marks, positions, dryRun, removed, pace);
      await this.collections(marks, before, dryRun, removed);
      if (ending.aborted) removed.outcome = 'stopped';
    } finally {
      await lease.release();
    }
    return removed;
  }

  /** How far every reader is, that of any application on these documents. */
  private async positions(): Promise<Map<string, bigint>> {
    const positions = new Map(this.parts.readers.map((reader) => [reader, 0n]));
    for (const [reader, { position }] of await this.stores.checkpoints.all()) positions.set(reader, position);
    return positions;
  }

  private async messages(
    positions: ReadonlyMap<string, bigint>,
    before: number,
    dryRun: boolean,
    removed: Removed,
    pace: Pace,
  ): Promise<void> {
    const { store } = this.stores;
    const outcomes = [CommandRefused, CommandAccepted].map((outcome) => eventDefinition(outcome).type);
    const due = eventDefinition(DeadlineDue).type;
    const kept = new Set(this.parts.projections.flatMap(({ types }) => types));
    const ended = new Set([...outcomes, due, ...this.parts.commandTypes]);
    const needed = await this.neededFrom(positions, ended);
    const categories = ['gesta.refusal', 'gesta.deadline', ...this.parts.commandCategories];
    for await (const batch of store.readAll({ after: this.cleared, filter: { categories }, batchSize: PORTION })) {
      const old = batch.events.filter(({ recordedAt }) => recordedAt.getTime() <= before);
      for (let from = 0; from < old.length; from += AT_ONCE) {
        const some = old.slice(from, from + AT_ONCE).filter(({ position }) => position < needed.from);
        await Promise.all(
          some.map(async (event) => {
            const types = await this.typesUpTo(event);
            if (!ended.has(types[0] ?? '') || types.some((type) => kept.has(type))) return;
            if (!dryRun) await store.deleteStream(event.streamId, { expected: 'any' });
            const [first] = types;
            removed[first === due ? 'deadlines' : outcomes.includes(first!) ? 'outcomes' : 'commands']++;
          }),
        );
      }
      if (old.some(({ position }) => position >= needed.from)) removed.heldBackBy = needed.by;
      if (!(await pace.goesOn()) || old.length < batch.events.length || batch.position >= needed.from) return;
      if (!dryRun) this.cleared = batch.checkpoint;
    }
  }

  /** The types of the events of a message's stream where this is its last one; none where others follow, or it is gone. */
  private async typesUpTo({ id, streamId }: RecordedEvent): Promise<readonly string[]> {
    const found: RecordedEvent[] = [];
    for await (const events of this.stores.store.readStream(streamId)) found.push(...events);
    return found.at(-1)?.id === id ? found.map(({ type }) => type) : [];
  }

  /** The first position of which a reader may still need the message, and the readers that are no further. */
  private async neededFrom(positions: ReadonlyMap<string, bigint>, ended: ReadonlySet<string>) {
    const unconcerned = this.parts.projections.filter(({ types }) => !types.some((type) => ended.has(type)));
    const concerned = [...positions].filter(
      ([reader]) => !unconcerned.some(({ name }) => reader.startsWith(`projection.${name}.v`)),
    );
    const behind = new Map<string, bigint>();
    for (const [reader, position] of concerned) {
      let from = position + 1n;
      // What it learned to look for later it has yet to take, from where that was.
      const looked = (await this.stores.checkpoints.load(reader))?.types ?? [];
      for (const [type, place] of Object.entries(await this.stores.checkpoints.lookedFor.load(reader))) {
        const isOpen = ended.has(type) && (place.again === true || !looked.includes(type));
        if (isOpen && BigInt(place.position) < from) from = BigInt(place.position) + 1n;
      }
      for await (const page of this.lettersOf(reader)) {
        for (const { body } of page) {
          const waiting = BigInt(body!.position as string);
          if (waiting < from) from = waiting;
        }
      }
      behind.set(reader, from);
    }
    let from = (await this.stores.store.head()).position + 1n;
    for (const one of behind.values()) if (one < from) from = one;
    const by = [...behind].filter(([, one]) => one === from).map(([reader, one]) => ({ reader, position: one - 1n }));
    return { from, by };
  }

  private async *lettersOf(reader: string): AsyncGenerator<StoredDocument[]> {
    yield* pagesOf(await this.stores.documents.collection('gesta.dead-letters'), { reader });
  }

  /**
   * A tombstone is what stays of a completed instance, so that an event that comes late does not begin it anew. Its
   * commands have left, as the checkpoint is past it; one for which events wait behind a letter is left alone.
   */
  private async instances(
    positions: ReadonlyMap<string, bigint>,
    before: number,
    dryRun: boolean,
    removed: Removed,
    pace: Pace,
  ): Promise<void> {
    const there = await this.stores.documents.collections();
    for (const process of this.parts.processes) {
      const reader = `process.${process}`;
      if (!there.includes(reader)) continue;
      const waiting = new Set<string>();
      let hasStreams = false;
      for await (const page of this.lettersOf(reader)) {
        for (const { body } of page) {
          waiting.add(body!.key as string);
          hasStreams ||= body!.kind === 'stream';
        }
      }
      if (hasStreams) continue; // what waits there may be for any instance
      const instances = await this.stores.documents.collection(reader);
      const passed = positions.get(reader) ?? 0n;
      for await (const page of pagesOf(instances, { completed: true })) {
        const ended = page.filter(({ key, version, body }) => {
          const movedAt = Date.parse((body!.movedAt as string | undefined) ?? '');
          return version <= passed && movedAt <= before && !waiting.has(key);
        });
        const gone = ended.map(({ key, version }) => ({ key, version: version + 1n, body: undefined }));
        const refused = dryRun || gone.length === 0 ? [] : await instances.put(gone);
        removed.instances += gone.length - refused.length;
        if (!(await pace.goesOn())) return;
      }
    }
  }

  /**
   * Those of projections' documents. Up to where a checkpoint was so long ago, nothing is written any more: whoever owns
   * the reader now began behind it, and an owner of before that has been standing still for all that time has neither its
   * lease nor its connection.
   */
  private async tombstones(
    marks: AgeMarks,
    positions: ReadonlyMap<string, bigint>,
    dryRun: boolean,
    removed: Removed,
    pace: Pace,
  ): Promise<void> {
    if (!dryRun) await marks.add(positions);
    for (const name of await this.stores.documents.collections()) {
      const upTo = marks.positionOf(name);
      if (!GENERATION.test(name) || upTo === undefined || dryRun) continue;
      const collection = await this.stores.documents.collection(name);
      for (let after: string | undefined; ;) {
        const purged = await collection.purge({ upTo, after, limit: PORTION });
        removed.tombstones += purged.removed;
        after = purged.last;
        if (!(await pace.goesOn())) return;
        if (after === undefined) break;
      }
    }
  }

  /** Documents of a generation that no list names and no checkpoint tells of, and days of requests of older versions. */
  private async collections(marks: AgeMarks, before: number, dryRun: boolean, removed: Removed): Promise<void> {
    const { documents, checkpoints, leases } = this.stores;
    const lists = await documents.collection('gesta.generations');
    const orphans: string[] = [];
    for (const name of await documents.collections()) {
      const day = REQUESTS_OF_A_DAY.exec(name)?.[1];
      if (day !== undefined && Date.parse(day) + 2 * 24 * 60 * 60 * 1_000 <= before) {
        if (!dryRun) await documents.drop(name);
        removed.collections.push(name);
      }
      const [, projection, version, number] = GENERATION.exec(name) ?? [];
      if (projection === undefined) continue;
      const key = `${projection}.v${version}`;
      const list = (await lists.get([key])).get(key)?.body?.generations as object | undefined;
      if (list && Object.hasOwn(list, number!)) continue;
      if (await checkpoints.load(name)) continue; // somebody may go on from there
      orphans.push(name);
      if (!marks.isOldOrphan(name) || (await leases.isInUse(name))) continue;
      if (!dryRun) await documents.drop(name);
      removed.collections.push(name);
    }
    if (!dryRun) await marks.keepOrphans(orphans.filter((name) => !removed.collections.includes(name)));
  }
}

/** The documents that match, by their keys, a portion at a time. */
async function* pagesOf(collection: DocumentCollection, filter: object): AsyncGenerator<StoredDocument[]> {
  for (let after: string | undefined; ;) {
    const page = await collection.find({ ...filter }, { limit: PORTION, ...(after !== undefined && { after }) });
    if (page.length > 0) yield page;
    if (page.length < PORTION) return;
    after = page.at(-1)!.key;
  }
}

/** Leaves most of the time to others, and more of it while the event loop is busy. */
class Pace {
  private since = performance.now();
  private load = performance.eventLoopUtilization();

  constructor(
    private readonly ending: AbortSignal,
    private readonly told: () => void,
  ) {}

  /** After each portion. @returns whether to go on */
  async goesOn(): Promise<boolean> {
    this.told();
    const { utilization } = performance.eventLoopUtilization(this.load);
    const rest = Math.min(1_000, (performance.now() - this.since) * REST * (utilization > 0.7 ? 4 : 1));
    await delay(rest, undefined, { signal: this.ending }).catch(() => undefined);
    this.since = performance.now();
    this.load = performance.eventLoopUtilization();
    return !this.ending.aborted;
  }
}
