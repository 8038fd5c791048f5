import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { DefinitionError, Gesta, isTravellingCommand, shownUrl, type Class, type Validator } from '@gesta/core';
import { Logger, type BeforeApplicationShutdown, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { openStores, type Stores } from '../configuration/open-stores.js';
import { checkedSettings } from '../configuration/settings.js';
import { applicationBuses, type Buses } from '../cqrs/application-buses.js';
import { publishCommits } from '../cqrs/publish-commits.js';
import { WorkUnderWay } from '../cqrs/work-under-way.js';
import { answerBigintsAsTexts } from '../http/bigints-as-texts.js';
import { ProblemDetailsFilter } from '../http/problem-details.filter.js';
import { classValidatorValidator } from '../validation/class-validator-validator.js';
import { unlikeJson } from '../validation/unlike-json.js';
import { unseenRules } from '../validation/unseen-rules.js';
import { discoveredParts, type DiscoveredParts } from './discovered-parts.js';
import type { Feature } from './feature.js';
import type { GestaModuleOptions } from './gesta-module-options.js';
import { InjectionModule } from './injection.module.js';
import { readModelToken, repositoryToken, type InjectionSource } from './injection-tokens.js';
import { logNotices } from './log-notices.js';
import { printableLogger } from './printable-logger.js';

const DRAIN_MS = 5_000;
const SWEEP_MS = 20;
/** With what comes before it, less than the 30 s after which what runs containers often kills. */
const CLOSE_MS = 2_000;

/** What of Nest an application is made from. */
export interface Surroundings {
  readonly modules: ModulesContainer;
  /** Those that come with `GestaModule`. */
  readonly buses: Buses;
  readonly http: HttpAdapterHost;
}

/** Gesta within one Nest application: opened before its providers are made, closed after the last of them. */
export class GestaApplication
  implements InjectionSource, OnModuleInit, BeforeApplicationShutdown, OnApplicationShutdown
{
  private closed: Promise<void> | undefined;

  private constructor(
    readonly gesta: Gesta,
    readonly stores: Stores,
    readonly validate: Validator,
    private readonly parts: DiscoveredParts,
    private readonly options: GestaModuleOptions,
    private readonly surroundings: Surroundings,
    private readonly buses: () => Buses,
    private readonly underWay: WorkUnderWay,
  ) {}

  /**
   * @throws {ConfigurationError} when the options or the environment cannot work
   * @throws {DefinitionError} when what the modules declare cannot
   */
  static async open(options: GestaModuleOptions, surroundings: Surroundings): Promise<GestaApplication> {
    const { modules } = surroundings;
    const {
      validate = classValidatorValidator(),
      now = () => new Date(),
      cacheSize,
      leaseMs,
      effectTimeoutMs,
      stopMs,
      maxWaiting,
      handOn,
    } = options;
    const settings = checkedSettings(options, process.env);
    const parts = discoveredParts(modules);
    refuseUnlikeJson(parts);
    if (!options.validate) refuseUnseenRules(parts);
    const buses = applicationBuses(modules, surroundings.buses);
    const underWay = new WorkUnderWay();
    const logger = printableLogger(new Logger('Gesta'));
    const logged = logNotices(logger);

    const stores = await openStores(settings, { now });
    try {
      // Where there should be one, it was taken away, or the URL is another one: a store may have been made there just now.
      const begins = (await stores.events.head()).position === 0n ? ', an empty log that begins now' : '';
      logger.log(
        `Events in ${shownUrl(settings.events.url)}${begins}; documents in ${shownUrl(settings.documents.url)}`,
      );
      const gesta = await Gesta.open({
        ...stores,
        aggregates: [...parts.features.values()].map(({ definition }) => definition),
        projections: parts.projections,
        processes: parts.processes,
        reactors: parts.reactors,
        ...(parts.travelling.length > 0 && {
          commands: {
            handled: parts.travelling,
            execute: async (command) => underWay.uncounted(() => buses().commandBus.execute(command)),
          },
        }),
        validate,
        unknownEvents: settings.unknownEvents,
        now,
        committed: publishCommits(() => buses().eventBus, logger),
        notice(notice) {
          logged(notice);
          options.notice?.(notice);
        },
        cacheSize,
        cacheBytes: options.cacheBytes,
        maintenance: options.maintenance,
        leaseMs,
        effectTimeoutMs,
        stopMs,
        maxWaiting,
        handOn,
      });
      const application = new GestaApplication(gesta, stores, validate, parts, options, surroundings, buses, underWay);
      application.provideAll();
      return application;
    } catch (error) {
      await close(stores);
      throw error;
    }
  }

  /** Whether this process follows the log. */
  get follows(): boolean {
    return this.options.autoStart ?? true;
  }

  get now(): () => Date {
    return this.options.now ?? (() => new Date());
  }

  /** The repository, when the aggregate is one of this application's. */
  repositoryOf(aggregateClass: Class): object | undefined {
    return this.parts.features.has(aggregateClass) ? this.gesta.repository(aggregateClass) : undefined;
  }

  /** The read model, when the projection is one of this application's. */
  readModelOf(projectionClass: Class): object | undefined {
    const isThere = this.parts.projections.some((projection) => projection.projectionClass === projectionClass);
    return isThere ? this.gesta.readModel(projectionClass) : undefined;
  }

  /** Whether commands go to this listing of the aggregate: where several modules list it, one does the work. */
  isHandledBy(feature: Feature): boolean {
    return this.parts.features.get(feature.definition.aggregateClass) === feature;
  }

  private get allBuses(): readonly Buses[] {
    return [this.surroundings.buses, this.buses()];
  }

  /**
   * Listeners are bound once the application starts, so they are watched before that. And what was recorded can be answered,
   * whatever else the application sets up for HTTP or does not.
   */
  onModuleInit(): void {
    for (const { eventBus } of this.allBuses) this.underWay.watchListeners(eventBus);
    const { httpAdapter } = this.surroundings.http;
    if (httpAdapter) answerBigintsAsTexts(httpAdapter);
  }

  /**
   * Begins to follow the log. Where that fails, what was opened is closed: whoever made the application may never get it.
   * @throws {DefinitionError} when a projection or a reactor is made anew for each request or user of it
   */
  async start(): Promise<void> {
    for (const { commandBus, queryBus } of this.allBuses) {
      this.underWay.watch(commandBus);
      this.underWay.watch(queryBus);
    }
    this.gesta.watchLog();
    this.tellWhatHttpLacks();
    if (!this.follows) return;
    try {
      await this.follow();
    } catch (error) {
      await this.gesta.stop();
      await this.onApplicationShutdown();
      throw error;
    }
  }

  private tellWhatHttpLacks(): void {
    const { http, modules } = this.surroundings;
    const answers =
      http.httpAdapter?.getType() && [...modules.values()].some(({ controllers }) => controllers.size > 0);
    if (!answers || !ProblemDetailsFilter.isMissing(http)) return;
    new Logger('Gesta').warn(
      'Over HTTP, what a domain refuses, broken rules and a store that is away are answered with 500: call configureHttp(app) before app.listen(), or provide ProblemDetailsFilter under APP_FILTER',
    );
  }

  private async follow(): Promise<void> {
    for (const { providedClass, provider } of this.parts.called) {
      if (provider.isDependencyTreeStatic() && !provider.isTransient) continue;
      throw new DefinitionError(
        `${providedClass.name} has no instance that lives as long as the application: neither it nor what it depends on may be request-scoped or transient`,
      );
    }
    await this.gesta.start();
  }

  /**
   * Requests, commands, queries and listeners in hand may be waiting for a read model, so they come to their end first, then
   * the readers finish their batches, and the listeners to what came of those; only after that do other providers let go of
   * what they use.
   */
  async beforeApplicationShutdown(): Promise<void> {
    const until = performance.now() + (this.options.drainMs ?? DRAIN_MS);
    await this.answerRequestsInHand();
    await within(this.underWay.ended(), until - performance.now());
    await this.gesta.stop();
    await within(this.underWay.ended(), until - performance.now());
  }

  async onApplicationShutdown(): Promise<void> {
    const { closeMs = CLOSE_MS } = this.options;
    const waiting = new AbortController();
    const late = delay(closeMs, true, { signal: waiting.signal }).catch(() => false);
    const isLate = await Promise.race([(this.closed ??= close(this.stores)).then(() => false), late]).finally(() =>
      waiting.abort(),
    );
    if (isLate) new Logger('Gesta').warn(`The stores have not closed within ${closeMs} ms, and are not waited for`);
  }

  /** What nobody has injected when Nest scans the application can be asked for later: `app.get(readModelToken(…))`. */
  private provideAll(): void {
    const module = [...this.surroundings.modules.values()].find(({ metatype }) => metatype === InjectionModule)!;
    const provide = (token: symbol, value: object | undefined) => {
      if (!module.hasProvider(token)) module.addProvider({ provide: token, useValue: value });
    };
    for (const aggregateClass of this.parts.features.keys()) {
      provide(repositoryToken(aggregateClass), this.repositoryOf(aggregateClass));
    }
    for (const { projectionClass } of this.parts.projections) {
      provide(readModelToken(projectionClass), this.readModelOf(projectionClass));
    }
  }

  private async answerRequestsInHand(): Promise<void> {
    const server = this.surroundings.http.httpAdapter?.getHttpServer() as Server | undefined;
    if (!server?.listening) return;
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    // A connection that was answered would be kept alive for the next request, which is not taken any more.
    const sweeping = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
    await within(closed, this.options.drainMs ?? DRAIN_MS);
    clearInterval(sweeping);
    server.closeAllConnections();
  }
}

/** @throws {DefinitionError} when what is folded is another thing in the log than its class says */
function refuseUnlikeJson({ features, projections, processes, reactors, travelling }: DiscoveredParts): void {
  const aggregates = [...features.values()].map(({ definition }) => definition);
  const folded = [
    ...aggregates.filter(({ foldsWhileDeciding }) => !foldsWhileDeciding), // others are given instances
    ...projections.map(({ definition }) => definition),
    ...processes,
    ...reactors,
  ];
  const events = folded.flatMap(({ registry }) => Array.from(registry.byNames(), ([, { eventClass }]) => eventClass));
  const unlike = unlikeJson(
    events.filter((each) => !isTravellingCommand(each)),
    [...events.filter(isTravellingCommand), ...travelling],
  );
  if (unlike.length > 0) throw new DefinitionError(unlike.join('\n'));
}

/** @throws {DefinitionError} when events or commands have rules that nobody would see */
function refuseUnseenRules({ features, travelling }: DiscoveredParts): void {
  const definitions = [...features.values()].map(({ definition }) => definition);
  const events = definitions.flatMap(({ registry }) => registry.names.map((name) => registry.find(name)!.eventClass));
  const commands = definitions.flatMap(({ handlers }) => handlers.map(({ command }) => command));
  const unseen = unseenRules([...events, ...commands, ...travelling]);
  if (unseen.length > 0) throw new DefinitionError(unseen.join('\n'));
}

/** Waits for it, and not for longer than the time. */
async function within(work: Promise<void>, ms: number): Promise<void> {
  const waiting = new AbortController();
  const late = delay(Math.max(0, ms), undefined, { signal: waiting.signal }).catch(() => undefined);
  await Promise.race([work, late]);
  waiting.abort();
}

async function close({ events, documents }: Stores): Promise<void> {
  await Promise.all([events.close(), documents.close()]);
}
