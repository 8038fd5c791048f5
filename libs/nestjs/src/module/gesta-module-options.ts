import type { NoticeListener, SelfMaintenanceOptions, StoreAdapter, UnknownEventPolicy, Validator } from '@gesta/core';
import type { FactoryProvider, ModuleMetadata } from '@nestjs/common';

export interface GestaModuleOptions {
  /** The kinds of stores that the URLs may name: `[sqlite(), eventStoreDB(), mongoDB()]`. */
  adapters: readonly StoreAdapter[];
  /**
   * The URL of the event store. When absent it is `GESTA_EVENTS_URL` of the environment, else `sqlite:./data/gesta.db`
   * where the adapter for it is given, else `memory:` where `memory()` is all there is.
   */
  events?: string | undefined;
  /**
   * The URL of the document store. When absent it is `GESTA_DOCUMENTS_URL` of the environment, else the event store's
   * where that holds documents too, else as for events.
   */
  documents?: string | undefined;
  /**
   * What happens to events of unknown names or versions: `fail`, `park` or `skip`. When absent it is
   * `GESTA_UNKNOWN_EVENTS` of the environment, else `park`.
   */
  unknownEvents?: UnknownEventPolicy | undefined;
  /** Checks commands of `@Handle` methods, and events before they are appended; by class-validator when absent. */
  validate?: Validator;
  /** The time; tests set it. */
  now?: () => Date;
  /** `false` starts no projections, process managers, reactors or command inboxes: for processes that only take commands, and tests. */
  autoStart?: boolean;
  /** How long requests in hand are waited for when the application closes, in milliseconds; 5,000 when absent. */
  drainMs?: number;
  /** How many aggregates of each kind stay in memory; 10,000 when absent. */
  cacheSize?: number;
  /** About how much memory the aggregates of each kind may take that stay there, in bytes; 64 MB when absent. */
  cacheBytes?: number;
  /**
   * An application that runs removes what has come to its end by itself: every hour (`everyMs`), and what is seven days old
   * (`olderThanMs`). `false` leaves it to `gesta maintain`.
   */
  maintenance?: SelfMaintenanceOptions | false;
  /** After how long another process takes over from one that has vanished, in milliseconds; 10,000 when absent. */
  leaseMs?: number;
  /** How long one try of a reactor or a command from the log may take before it has failed, in milliseconds; 30,000 when absent. */
  effectTimeoutMs?: number;
  /**
   * The names of headers of the application's own that process managers hand on to their commands and deadlines, as they
   * do the correlation and the user: `['tenantId']`. Every process that runs the process manager is to say the same.
   */
  handOn?: readonly string[];
  /** How many may wait for read models in this process at one time; 1,000 when absent. One more is a 503. */
  maxWaiting?: number;
  /** How long readers may take to finish what is in hand when the application closes, in milliseconds; 20,000 when absent. */
  stopMs?: number;
  /** How long the stores may take to close after that, in milliseconds; 2,000 when absent. */
  closeMs?: number;
  /** Hears the notices that are logged, for metrics. */
  notice?: NoticeListener;
}

export interface GestaModuleAsyncOptions {
  imports?: ModuleMetadata['imports'];
  inject?: FactoryProvider['inject'];
  useFactory: (...dependencies: never[]) => GestaModuleOptions | Promise<GestaModuleOptions>;
}

export const GESTA_OPTIONS = Symbol('GestaModuleOptions');
