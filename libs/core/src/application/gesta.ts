import { setTimeout as delay } from 'node:timers/promises';
import type { AggregateDefinition } from '../aggregates/aggregate-definition.js';
import { Repository, type Commit } from '../aggregates/repository.js';
import { Snapshots } from '../aggregates/snapshots.js';
import type { Class } from '../events/class.js';
import { DefinitionError } from '../events/definition-error.js';
import { EventRegistry } from '../events/event-registry.js';
import { eventDefinition } from '../events/event.decorator.js';
import type { Validator } from '../events/validation-failed.js';
import { commandInbox, type CommandEndpoint } from '../messaging/command-inbox.js';
import { contextOf } from '../messaging/command.decorator.js';
import { WaitingCommands, type Waiting } from '../messaging/waiting-commands.js';
import { Maintenance, type MaintenanceOptions, type MaintenanceReport } from '../maintenance/maintenance.js';
import { SelfMaintenance, type SelfMaintenanceOptions } from '../maintenance/self-maintenance.js';
import { commandCategory } from '../messaging/command.decorator.js';
import type { NoticeListener, UnknownEventPolicy } from '../observability/notice.js';
import { namesHandedOn } from '../processes/outbox.js';
import { ProcessConsumer } from '../processes/process-consumer.js';
import type { ProcessDefinition } from '../processes/process-definition.js';
import type { ReactorDefinition } from '../processes/reactor-definition.js';
import { Generations } from '../projections/generations.js';
import { LiveProjection } from '../projections/live-projection.js';
import type { ProjectionDefinition } from '../projections/projection-definition.js';
import { Rebuild, type ProjectionStatus, type RebuildOptions, type RebuildResult } from '../projections/rebuild.js';
import { ReadModel } from '../projections/read-model.js';
import { Waits } from '../projections/waits.js';
import { Checkpoints } from '../readers/checkpoints.js';
import { DeadLetters } from '../readers/dead-letters.js';
import { EffectConsumer, type EffectOptions } from '../readers/effect-consumer.js';
import { Fences } from '../readers/fences.js';
import { LogWatch } from '../readers/log-watch.js';
import { NOWHERE, type Progress } from '../readers/progress.js';
import { ReaderReset, type ResetFrom, type ResetPlan } from '../readers/reader-reset.js';
import { StoresDoNotMatch } from '../readers/documents-of-another-log.js';
import { Leases } from '../readers/leases.js';
import { Reader, type ReaderKind, type ReaderSurroundings, type ReaderWait } from '../readers/reader.js';
import type { DocumentStore } from '../store/document-store.js';
import type { LogReplaced } from '../store/errors.js';
import type { EventStore } from '../store/event-store.js';
import { AllRemains, type Remains } from './remains.js';
import { refuseSharedNames } from './shared-names.js';

/** What an application is made of. */
export interface GestaOptions {
  readonly events: EventStore;
  readonly documents: DocumentStore;
  readonly aggregates?: readonly AggregateDefinition[];
  readonly projections?: readonly { readonly projectionClass: Class; readonly definition: ProjectionDefinition }[];
  readonly processes?: readonly ProcessDefinition[];
  readonly reactors?: readonly ReactorDefinition[];
  /** Handles commands that arrive through the log. */
  readonly commands?: CommandEndpoint;
  /** Checks events before they are appended. */
  readonly validate?: Validator;
  /** What happens to an event of an unknown name or version; `park` when absent. */
  readonly unknownEvents?: UnknownEventPolicy;
  /** The time; tests set it. */
  readonly now?: () => Date;
  /** Hears of what repositories appended, once it is durable; at most once. */
  readonly committed?: (commit: Commit) => void;
  readonly notice?: NoticeListener;
  /** How many aggregates of each kind stay in memory; 10,000 when absent. */
  readonly cacheSize?: number;
  /** About how much memory the aggregates of each kind may take that stay there; 64 MB when absent. */
  readonly cacheBytes?: number | undefined;
  /**
   * What has come to its end is removed by an application that runs: when, and how old it is at least. `false` leaves that
   * to `maintain`; every hour, and seven days, when absent.
   */
  readonly maintenance?: SelfMaintenanceOptions | false | undefined;
  /**
   * Whether it is opened also where documents were made from another log than the events': for the tools that lead out of
   * that. Readers that were started stand still until it is right. False when absent.
   */
  readonly opensAnyhow?: boolean;
  /** After how long another process takes over from one that has vanished, in milliseconds; 10,000 when absent. */
  readonly leaseMs?: number;
  /**
   * How long one try of a reactor, or of a command that came through the log, may take before it has failed, in
   * milliseconds; 30,000 when absent. `@Reactor({ timeoutMs })` says otherwise for one.
   */
  readonly effectTimeoutMs?: number;
  /**
   * The names of headers of the application's own, such as `tenantId`, that process managers hand on to their commands and
   * deadlines, as they do the correlation and the user.
   */
  readonly handOn?: readonly string[];
  /** How often it is looked whether the log is still the one it was, in milliseconds; 5,000 when absent. */
  readonly lookAtLogMs?: number | undefined;
  /** How many may wait for read models in this process at one time; 1,000 when absent. */
  readonly maxWaiting?: number;
  /**
   * How long `stop` waits for what is in hand, in milliseconds; 20,000 when absent, as what runs containers often kills
   * after 30 s.
   */
  readonly stopMs?: number;
}

/** How a reader of the log is doing. */
export interface ReaderStatus {
  readonly reader: string;
  readonly kind: ReaderKind;
  /** Whether this process does the work. */
  readonly owner: boolean;
  readonly position: bigint;
  /** How many positions it is behind the end of the log. */
  readonly lag: bigint;
  /** Whether it has been at the end of the log since this process started. */
  readonly caughtUp: boolean;
  /**
   * The types of events or commands that this code names and that were not looked for yet up to the position: an owner
   * of another version has passed them, or this one is reading them now. None is lost.
   */
  readonly missing: readonly string[];
  /** Commands that are in the log and have no handler here, how many of each name: they wait until one comes. */
  readonly waiting: Waiting;
  /**
   * In what a projection is not what its documents were made by, and what to do; `undefined` where it is. Its documents
   * are then made partly by the one code and partly by the other.
   */
  readonly changed: string | undefined;
  /** How many keys and streams are parked. */
  readonly parked: number;
  /** Whether its last pass failed in a way that no further pass mends by itself. */
  readonly stuck?: boolean;
  /** What it has been waiting for longer than a second. */
  readonly waitsFor?: ReaderWait | undefined;
  /** Why its last pass failed, where it has not recovered since. */
  readonly error: string | undefined;
}

const STOP_MS = 20_000;
/** How long those are waited for that were told to leave what is in hand, in milliseconds. */
const LEAVING_MS = 500;

/** The application has no projection of the name. */
export class NoSuchProjection extends Error {
  override readonly name = 'NoSuchProjection';
}

/** The application has no process manager, reactor or inbox of the name. */
export class NoSuchReader extends Error {
  override readonly name = 'NoSuchReader';
}

/** What follows the log. */
interface Follower {
  readonly name: string;
  start(): Promise<void> | void;
  stop(): Promise<void>;
  /** Waits no longer for what is in hand. */
  abandon(): void;
  readonly waitsFor: ReaderWait | undefined;
  /** The log may be another one. */
  lookAgain(): void;
  /** @param head the end of the log */
  status(head: bigint): Promise<ReaderStatus>;
}

/**
 * An event-sourced application, whatever framework is around it: its repositories, its read models, and the readers that
 * follow the log. `@gesta/nestjs` makes one from a module's providers.
 */
export class Gesta {
  private readonly repositories = new Map<Class, Repository<object>>();
  private readonly readModels = new Map<Class, ReadModel<object>>();
  private readonly rebuilds = new Map<string, Rebuild>();
  private readonly readers: Follower[] = [];
  private maintenance: Maintenance | undefined;
  private selfMaintenance: SelfMaintenance | undefined;
  private readonly logWatch: LogWatch;
  private readonly resets = new Map<string, ReaderReset>();

  private constructor(
    private readonly store: EventStore,
    private readonly checkpoints: Checkpoints,
    private readonly allRemains: AllRemains,
    /** What readers have parked, for operators. */
    readonly deadLetters: DeadLetters,
    private readonly notice: NoticeListener,
    private readonly stopMs: number,
    lookAtLogMs: number | undefined,
  ) {
    this.logWatch = new LogWatch(store, (error) => this.logWasReplaced(error), lookAtLogMs);
  }

  /**
   * Opens what the application keeps in the stores; starts nothing.
   * @throws {DefinitionError} when two parts, or two classes of events or commands, have one name, or when a header cannot
   * be handed on
   * @throws {StoresDoNotMatch} when documents and log, or documents and checkpoints, do not belong together
   * @throws {StoreUnavailable}
   */
  static async open(options: GestaOptions): Promise<Gesta> {
    const {
      events: store,
      documents,
      aggregates = [],
      projections = [],
      processes = [],
      reactors = [],
      commands,
    } = options;
    const handOn = namesHandedOn(options.handOn);
    const { unknownEvents = 'park', now = () => new Date(), notice = () => undefined } = options;
    refuseSharedNames([
      ...aggregates.map(({ name, registry }) => ({ place: `the aggregate ${name}`, registry })),
      ...projections.map(({ definition: { name, registry } }) => ({ place: `the projection ${name}`, registry })),
      ...processes.map(({ name, registry }) => ({ place: `the process manager ${name}`, registry })),
      ...reactors.map(({ name, registry }) => ({ place: `the reactor ${name}`, registry })),
      ...(commands?.handled ?? []).map((command) => ({
        place: 'the commands handled here',
        registry: new EventRegistry([command]),
      })),
    ]);
    const [checkpoints, deadLetters, fences, leases, generations, snapshots] = await Promise.all([
      Checkpoints.open(documents),
      DeadLetters.open(documents),
      Fences.open(documents),
      Leases.open(documents, options.leaseMs),
      Generations.open(documents),
      Snapshots.open(documents),
    ]);
    const registries = [
      ...aggregates,
      ...processes,
      ...reactors,
      ...projections.map(({ definition }) => definition),
    ].map(({ registry }) => registry);
    const known = (type: string) => registries.some((registry) => registry.find(type) !== undefined);
    const surroundings: ReaderSurroundings = {
      store,
      checkpoints,
      leases,
      fences,
      deadLetters,
      unknownEvents,
      known,
      notice,
      lookAtLog: () => gesta.logWatch.lookNow(),
    };
    const names = [
      ...projections.map(({ definition }) => `projection.${definition.name}`),
      ...processes.map(({ name }) => `process.${name}`),
      ...reactors.map(({ name }) => `reactor.${name}`),
      ...(commands?.handled ?? []).map((command) => `commands.${contextOf(eventDefinition(command).type)}`),
    ];
    const remains = new AllRemains(documents, generations, surroundings, new Set(names));
    const gesta = new Gesta(
      store,
      checkpoints,
      remains,
      deadLetters,
      notice,
      options.stopMs ?? STOP_MS,
      options.lookAtLogMs,
    );

    for (const definition of aggregates) {
      const { validate, committed, cacheSize, cacheBytes } = options;
      const repository = new Repository(definition, store, {
        snapshots,
        validate,
        committed,
        cacheSize,
        cacheBytes,
        unknownEvents,
        notice,
      });
      gesta.addRepository(repository);
    }
    const waits = new Waits(options.maxWaiting);
    for (const { projectionClass, definition } of projections) {
      const projection = await LiveProjection.open(definition, documents, generations, surroundings);
      gesta.add(projection);
      gesta.readModels.set(projectionClass, new ReadModel(projection, waits));
      gesta.rebuilds.set(definition.name, new Rebuild(definition, documents, generations, surroundings));
    }
    const fromNow = [...processes, ...reactors].some(({ startFrom }) => startFrom === 'now');
    const head = fromNow ? await store.head() : undefined;
    const effects = (reader: string): EffectOptions => ({
      timeoutMs: options.effectTimeoutMs,
      stillWaiting: (effect) => notice({ kind: 'still-waiting', reader, ...effect }),
    });
    for (const definition of processes) {
      const name = `process.${definition.name}`;
      const instances = await documents.collection(name, { indexes: [{ dueAt: 1 }] });
      const consumer = new ProcessConsumer(definition, instances, store, now, handOn);
      const reader = new Reader(name, 'process', definition.startFrom, consumer, surroundings, head);
      gesta.addReader(reader, new ReaderReset(reader, instances, documents, surroundings));
    }
    for (const definition of reactors) {
      const name = `reactor.${definition.name}`;
      const consumer = new EffectConsumer(definition, effects(name));
      const reader = new Reader(name, 'reactor', definition.startFrom, consumer, surroundings, head);
      gesta.addReader(reader, new ReaderReset(reader, undefined, documents, surroundings));
    }
    if (commands) {
      const contexts = Map.groupBy(commands.handled, (command) => contextOf(eventDefinition(command).type));
      for (const [context, handled] of contexts) {
        const name = `commands.${context}`;
        const { lookedFor } = checkpoints;
        const names = EventRegistry.namesOf(handled);
        const waiting = await WaitingCommands.open(name, names, { store, documents, lookedFor, notice });
        const inbox = new EffectConsumer(
          { ...commandInbox({ ...commands, handled }, aggregates, store), waiting },
          effects(name),
        );
        const reader = new Reader(name, 'commands', 'beginning', inbox, surroundings);
        gesta.addReader(reader, new ReaderReset(reader, undefined, documents, surroundings));
      }
    }
    const typesOf = ({ filter }: ProjectionDefinition) => ('types' in filter ? filter.types : []);
    const stores = { store, documents, checkpoints, leases, deadLetters };
    const maintained = {
      commandCategories: [
        ...new Set((commands?.handled ?? []).map((command) => commandCategory(eventDefinition(command).type))),
      ],
      commandTypes: EventRegistry.namesOf(commands?.handled ?? []),
      processes: processes.map(({ name }) => name),
      readers: gesta.readers.map(({ name }) => name).filter((name) => !name.startsWith('projection.')),
      projections: projections.map(({ definition }) => ({ name: definition.name, types: typesOf(definition) })),
    };
    gesta.maintenance = new Maintenance(maintained, stores, now);
    const { maintenance } = options;
    if (maintenance !== false)
      gesta.selfMaintenance = new SelfMaintenance(gesta.maintenance, maintenance ?? {}, notice);
    if (!options.opensAnyhow) await gesta.checkPlaces();
    return gesta;
  }

  /**
   * Removes what has come to its end: messages that travelled through the log and that every reader is past, completed
   * instances, tombstones, documents that nothing tells of. An application that runs does it by itself.
   * @throws {StoreUnavailable}
   */
  async maintain(options?: MaintenanceOptions): Promise<MaintenanceReport> {
    return this.maintenance!.run(options);
  }

  /**
   * The repository of an aggregate.
   * @throws {DefinitionError} when the class is not one of the application's aggregates
   */
  repository<A extends object>(aggregateClass: Class<A>): Repository<A> {
    return found(this.repositories, aggregateClass, 'aggregates') as unknown as Repository<A>;
  }

  /**
   * The read model that a projection builds.
   * @throws {DefinitionError} when the class is not one of the application's projections
   */
  readModel<T extends object>(projectionClass: Class): ReadModel<T> {
    return found(this.readModels, projectionClass, 'projections') as ReadModel<T>;
  }

  /**
   * Starts the projections, process managers, reactors and the handling of commands from the log.
   * @returns once it is durable from where those go on that start from now; what is recorded after `open` is for them
   */
  async start(): Promise<void> {
    this.watchLog();
    this.selfMaintenance?.start();
    await Promise.all(this.readers.map((reader) => reader.start()));
  }

  /**
   * Looks every few seconds whether the log is still the one it was, until `stop`; `start` does it too. For a process that
   * decides and follows no log: it is not to go by what it remembers of another one.
   */
  watchLog(): void {
    this.logWatch.start();
  }

  /** The log's id as it was last seen here; `undefined` where it was not looked at yet, or the store tells of none. */
  get log(): string | undefined {
    return this.logWatch.log;
  }

  /**
   * Looks now whether the log is still the one it was, as `watchLog` does every few seconds: for somebody who has met what
   * is not of this log. Nothing is then remembered any more of another one.
   * @param met says what
   * @throws {StoreUnavailable}
   */
  lookAtLog(met: string): Promise<void> {
    return this.logWatch.lookBecause(met);
  }

  /** What is remembered of the log counts no more, and readers compare it with what they have made. */
  private logWasReplaced(error: LogReplaced): void {
    this.notice({ kind: 'log-replaced', error });
    this.store.forget?.();
    for (const repository of this.repositories.values()) repository.forget();
    this.maintenance?.forget();
    for (const reader of this.readers) reader.lookAgain();
  }

  /**
   * Stops them after the batch in hand, or when the time for that is up. Leases of those that were not waited for end by
   * themselves. Repositories and read models go on working; the stores stay open.
   */
  async stop(): Promise<void> {
    this.logWatch.stop();
    const left = new Set(this.readers);
    const stopping = Promise.all([
      this.selfMaintenance?.stop(),
      ...this.readers.map((reader) => reader.stop().finally(() => left.delete(reader))),
    ]);
    if (await endsWithin(stopping, this.stopMs)) return;
    const readers = [...left].map(({ name }) => name);
    this.notice({ kind: 'not-waited-for', readers, afterMs: this.stopMs });
    for (const reader of left) reader.abandon();
    await endsWithin(
      stopping.catch(() => undefined),
      LEAVING_MS,
    );
  }

  /** The readers that have been waiting for a store, an effect or a fold for more than a second. Asks no store. */
  waiting(): readonly (ReaderWait & { readonly reader: string })[] {
    return this.readers.flatMap(({ name, waitsFor }) => (waitsFor ? [{ reader: name, ...waitsFor }] : []));
  }

  /**
   * Where those are that do what was asked for: process managers, and inboxes of commands. Empty where there is none of them.
   * @throws {StoreUnavailable}
   */
  async work(): Promise<{ readonly head: bigint; readonly positions: ReadonlyMap<string, bigint> }> {
    const working = this.placed().filter(({ kind }) => kind === 'process' || kind === 'commands');
    if (working.length === 0) return { head: 0n, positions: new Map() };
    // First where they are: what comes after that is no backlog of theirs.
    const places = working.map(async (reader) => [reader.name, await reader.whereabouts()] as const);
    const positions = new Map(await Promise.all(places));
    return { head: (await this.store.head()).position, positions };
  }

  /** How every reader of the log is doing. */
  async status(): Promise<readonly ReaderStatus[]> {
    const { position: head } = await this.store.head();
    return Promise.all(this.readers.map((reader) => reader.status(head)));
  }

  /** The projections of the versions that this code knows, with their generations. */
  projections(): Promise<readonly ProjectionStatus[]> {
    return Promise.all([...this.rebuilds.values()].map((rebuild) => rebuild.status()));
  }

  /**
   * Builds a projection's documents anew, beside the live ones, and makes them live when they have caught up. The live
   * ones serve meanwhile. Resumes what an interrupted run has left.
   * @throws {NoSuchProjection}
   * @throws {RebuildRunning} when another process is building them
   */
  async rebuild(projection: string, options?: RebuildOptions): Promise<RebuildResult> {
    return this.rebuildOf(projection).run(options);
  }

  /**
   * Cancels a rebuild that is under way, here or in another process, or that was interrupted. What it built is dropped.
   * @returns whether there was one
   * @throws {NoSuchProjection}
   */
  async cancelRebuild(projection: string): Promise<boolean> {
    return this.rebuildOf(projection).drops.cancel();
  }

  /**
   * Catches the generation before the live one up and makes it live again.
   * @throws {NoSuchProjection}
   * @throws {NothingToRollBackTo}
   * @throws {RebuildRunning} when another process is doing it
   */
  async rollBack(projection: string, options?: RebuildOptions): Promise<RebuildResult> {
    return this.rebuildOf(projection).rollBack(options);
  }

  /**
   * Drops the generations that are neither live nor being built.
   * @returns their numbers
   * @throws {NoSuchProjection}
   * @throws {GenerationInUse} when a process still shows one of them or catches it up; the others are dropped
   */
  async prune(projection: string): Promise<readonly number[]> {
    return this.rebuildOf(projection).drops.prune();
  }

  /**
   * Drops the documents of the projection's versions before the one that this code knows.
   * @returns the versions
   * @throws {NoSuchProjection}
   * @throws {VersionInUse} when a process runs one of them
   */
  async dropEarlierVersions(projection: string): Promise<readonly number[]> {
    return this.rebuildOf(projection).drops.dropEarlierVersions();
  }

  /** Why readers cannot go on, by their names: those of which log, checkpoint and documents do not belong together. */
  async mismatches(): Promise<ReadonlyMap<string, string>> {
    const found = new Map<string, string>();
    const { log, readers } = await this.whereabouts();
    await Promise.all(
      readers.map(async ({ reader, progress = NOWHERE }) => {
        const error = await reader.check(progress, log).catch((thrown: unknown) => thrown);
        if (error instanceof StoresDoNotMatch) found.set(reader.name, error.message);
        else if (error !== undefined) throw error;
      }),
    );
    return found;
  }

  /**
   * What `resetReader` would do.
   * @throws {NoSuchReader}
   * @throws {CannotReset} when it cannot be put there
   */
  planReset(reader: string, from: ResetFrom): Promise<ResetPlan> {
    return this.resetOf(reader).plan(from);
  }

  /**
   * Puts a process manager, a reactor or an inbox to another place of the log. What is kept of another log goes; from the
   * beginning, a process manager makes its instances anew.
   * @param reader such as `process.order-fulfilment`
   * @returns what was done
   * @throws {NoSuchReader}
   * @throws {CannotReset} when it is at work in a process, or cannot be put there
   */
  resetReader(reader: string, from: ResetFrom): Promise<ResetPlan> {
    return this.resetOf(reader).run(from);
  }

  /**
   * What is kept of projections, process managers, reactors and inboxes that this application does not have, because they
   * were renamed or removed, or are another application's that shares the document store.
   */
  remains(): Promise<readonly Remains[]> {
    return this.allRemains.list();
  }

  /**
   * Drops the documents, checkpoints, dead letters and generations that are kept under the name.
   * @param name as `remains` tells it, such as `projection.order-summary`
   * @returns what was dropped
   * @throws {NoSuchRemains}
   * @throws {StillInUse} when it is this application's, or a process runs its code
   */
  dropRemains(name: string): Promise<Remains> {
    return this.allRemains.drop(name);
  }

  /** @throws {StoresDoNotMatch} when what one of the readers has made is of another log, or older than its checkpoint */
  private async checkPlaces(): Promise<void> {
    const { log, readers } = await this.whereabouts();
    await Promise.all(readers.map(async ({ reader, progress }) => progress && reader.check(progress, log)));
  }

  /** The log's id, and the readers with their saved places; without one where a reader has not begun. */
  private async whereabouts(): Promise<{
    readonly log: string | undefined;
    readonly readers: readonly { readonly reader: Reader; readonly progress: Progress | undefined }[];
  }> {
    const log = await this.store.log();
    const places = await this.checkpoints.all();
    return { log, readers: this.placed().map((reader) => ({ reader, progress: places.get(reader.name) })) };
  }

  private resetOf(reader: string): ReaderReset {
    const reset = this.resets.get(reader);
    if (reset) return reset;
    const names = [...this.resets.keys()].join(', ') || 'none';
    throw new NoSuchReader(`There is no process manager, reactor or inbox '${reader}'; there are: ${names}`);
  }

  private placed(): Reader[] {
    return this.readers
      .map((follower) => (follower instanceof LiveProjection ? follower.live.reader : follower))
      .filter((reader) => reader instanceof Reader);
  }

  private rebuildOf(projection: string): Rebuild {
    const rebuild = this.rebuilds.get(projection);
    if (rebuild) return rebuild;
    const names = [...this.rebuilds.keys()].join(', ') || 'none';
    throw new NoSuchProjection(`There is no projection '${projection}'; there are: ${names}`);
  }

  private addRepository(repository: Repository<object>): void {
    const { aggregateClass, category, name } = repository.definition;
    for (const { definition: other } of this.repositories.values()) {
      if (other.category === category) {
        throw new DefinitionError(`${other.name} and ${name} both have the category '${category}'`);
      }
    }
    this.repositories.set(aggregateClass, repository);
  }

  private addReader(reader: Reader, reset: ReaderReset): void {
    this.add(reader);
    this.resets.set(reader.name, reset);
  }

  private add(reader: Follower): void {
    if (this.readers.some(({ name }) => name === reader.name)) {
      throw new DefinitionError(`Two readers are named '${reader.name}'`);
    }
    this.readers.push(reader);
  }
}

function found<T>(things: ReadonlyMap<Class, T>, wanted: Class, what: string): T {
  const thing = things.get(wanted);
  if (!thing) {
    const names = [...things.keys()].map(({ name }) => name).join(', ') || 'none';
    throw new DefinitionError(`${wanted.name} is not one of the application's ${what}: ${names}`);
  }
  return thing;
}

/** @returns whether it has ended in time */
async function endsWithin(work: Promise<unknown>, ms: number): Promise<boolean> {
  const waiting = new AbortController();
  const late = delay(ms, false, { signal: waiting.signal }).catch(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    waiting.abort();
  }
}
