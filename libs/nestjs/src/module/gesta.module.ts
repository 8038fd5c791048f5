import { Gesta } from '@gesta/core';
import { Module, type DynamicModule, type FactoryProvider, type Provider } from '@nestjs/common';
import { HttpAdapterHost, ModulesContainer } from '@nestjs/core';
import { CommandBus, CqrsModule, EventBus, QueryBus } from '@nestjs/cqrs';
import type { HandlerSurroundings } from '../commands/generated-handler.js';
import { GestaHealthIndicator } from '../health/gesta-health-indicator.js';
import { IdempotencyRecords } from '../http/idempotency-records.js';
import { RecordedLog } from '../http/recorded-log.js';
import { GestaFeatureModule } from './feature.module.js';
import { Feature, type FeatureAggregate } from './feature.js';
import { GestaApplication } from './gesta-application.js';
import { GESTA_OPTIONS, type GestaModuleAsyncOptions, type GestaModuleOptions } from './gesta-module-options.js';
import { DOCUMENT_STORE, EVENT_STORE } from './inject.decorators.js';
import { InjectionModule } from './injection.module.js';
import { INJECTION_SOURCE } from './injection-tokens.js';
import { StartReadersModule } from './start-readers.module.js';

/**
 * Event sourcing for a Nest application.
 *
 * ```ts
 * @Module({ imports: [GestaModule.forFeature([Order])], providers: [OrderSummaries, OrderFulfilment], controllers: [OrderController] })
 * export class OrderingModule {}
 *
 * @Module({ imports: [GestaModule.forRoot({ adapters: [sqlite(), eventStoreDB(), mongoDB()] }), OrderingModule] })
 * export class AppModule {}
 * ```
 *
 * Projections, process managers and reactors are ordinary providers of any module; they are found by their decorators.
 * Repositories and read models can be injected anywhere, and `CqrsModule` with its buses comes along.
 */
@Module({})
export class GestaModule {
  /** Once, in the root module. The stores are named by URLs, here or in the environment: see {@link GestaModuleOptions}. */
  static forRoot(options: GestaModuleOptions): DynamicModule {
    return rootModule({ provide: GESTA_OPTIONS, useValue: options });
  }

  /** Like `forRoot`, with options that depend on providers: `forRootAsync({ inject: [ConfigService], useFactory: (config) => … })`. */
  static forRootAsync({ imports = [], inject = [], useFactory }: GestaModuleAsyncOptions): DynamicModule {
    const factory = useFactory as FactoryProvider['useFactory'];
    return rootModule({ provide: GESTA_OPTIONS, useFactory: factory, inject }, imports);
  }

  /**
   * Lists aggregates: classes decorated with `@Aggregate`, or an `AggregateRoot` by way of `eventSourced(…)`. Their
   * `@Handle` methods become handlers on the command bus.
   * @throws {DefinitionError} when a class is no aggregate
   */
  static forFeature(aggregates: readonly FeatureAggregate[]): DynamicModule {
    return {
      module: GestaFeatureModule,
      providers: aggregates.flatMap((aggregate) => featureProviders(Feature.of(aggregate))),
    };
  }
}

function rootModule(options: Provider, imports: NonNullable<GestaModuleAsyncOptions['imports']> = []): DynamicModule {
  return {
    module: GestaModule,
    global: true,
    imports: [...imports, CqrsModule, InjectionModule, StartReadersModule],
    providers: [
      options,
      {
        provide: GestaApplication,
        inject: [GESTA_OPTIONS, ModulesContainer, CommandBus, EventBus, QueryBus, HttpAdapterHost],
        useFactory: (
          given: GestaModuleOptions,
          modules: ModulesContainer,
          commandBus: CommandBus,
          eventBus: EventBus,
          queryBus: QueryBus,
          http: HttpAdapterHost,
        ) => GestaApplication.open(given, { modules, buses: { commandBus, eventBus, queryBus }, http }),
      },
      { provide: INJECTION_SOURCE, useExisting: GestaApplication },
      fromApplication(Gesta, ({ gesta }) => gesta),
      fromApplication(EVENT_STORE, ({ stores }) => stores.events),
      fromApplication(DOCUMENT_STORE, ({ stores }) => stores.documents),
      fromApplication(
        IdempotencyRecords,
        ({ gesta, stores: { events, documents } }) =>
          new IdempotencyRecords(documents, {}, new RecordedLog(events, gesta)),
      ),
      fromApplication(
        GestaHealthIndicator,
        ({ gesta, stores, follows }) => new GestaHealthIndicator(gesta, stores, follows),
      ),
    ],
    exports: [
      CqrsModule,
      GestaApplication,
      INJECTION_SOURCE,
      Gesta,
      EVENT_STORE,
      DOCUMENT_STORE,
      IdempotencyRecords,
      GestaHealthIndicator,
    ],
  };
}

function fromApplication<T>(
  provide: NonNullable<FactoryProvider['provide']>,
  useFactory: (application: GestaApplication) => T,
): FactoryProvider<T> {
  return { provide, useFactory, inject: [GestaApplication] };
}

function featureProviders(feature: Feature): Provider[] {
  const { aggregateClass, name } = feature.definition;
  const handlers = feature.handlers.map(({ command, create }) => ({
    provide: Symbol(`${name} handles ${command.name}`),
    inject: [GestaApplication],
    useFactory: (application: GestaApplication) => {
      if (!application.isHandledBy(feature)) return undefined;
      const repository = application.repositoryOf(aggregateClass) as HandlerSurroundings['repository'];
      return create({ repository, validate: application.validate });
    },
  }));
  return [{ provide: Symbol(`${name} of GestaModule.forFeature`), useValue: feature }, ...handlers];
}
