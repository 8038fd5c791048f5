import type { AggregateDefinition, Class, StoreAdapter, UnknownEventPolicy } from '@gesta/core';

/** What the `gesta` command needs to know of an application: the default export of its `gesta.config.js`. */
export interface GestaConfig {
  /** The kinds of stores that the URLs may name, as in `GestaModule.forRoot`: `[sqlite(), eventStoreDB(), mongoDB()]`. */
  adapters: readonly StoreAdapter[];
  /**
   * The URL of the event store. When absent it is `GESTA_EVENTS_URL` of the environment, else `sqlite:./data/gesta.db`.
   * A relative path in it, wherever it comes from, starts at the folder of the configuration file.
   */
  events?: string | undefined;
  /**
   * The URL of the document store. When absent it is `GESTA_DOCUMENTS_URL` of the environment, else the event store's
   * where that holds documents too, else `sqlite:./data/gesta.db`.
   */
  documents?: string | undefined;
  /**
   * The `@Aggregate` classes, and what else `GestaModule.forFeature` takes: `eventSourced(Hero, { … })`. Their handlers
   * tell which commands arrive through the log.
   */
  aggregates?: readonly (Class | AggregateDefinition)[];
  /** The `@Projection` classes. They are made without arguments, as folding needs none; give an instance of one that needs some. */
  projections?: readonly (Class | object)[];
  /** The `@ProcessManager` classes. */
  processes?: readonly Class[];
  /** The `@Reactor` classes, or instances of them. They are looked at and never run. */
  reactors?: readonly (Class | object)[];
  /**
   * What a rebuild does with events of unknown names or versions: `fail`, `park` or `skip`, as in the application. When
   * absent it is `GESTA_UNKNOWN_EVENTS` of the environment, else `park`.
   */
  unknownEvents?: UnknownEventPolicy | undefined;
  /** After how long another process takes over from one that has vanished, in milliseconds, as in the application; 10,000 when absent. */
  leaseMs?: number | undefined;
}

/** The configuration as it is: for editors, which then know its fields. */
export function defineConfig(config: GestaConfig): GestaConfig {
  return config;
}
