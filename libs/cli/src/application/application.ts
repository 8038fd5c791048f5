import {
  DeadLetters,
  Gesta,
  type ApplicationSettings,
  type DocumentStore,
  type EventStore,
  type RecordedEvent,
} from '@gesta/core';
import { findConfig, type ConfigWanted } from '../configuration/find-config.js';
import type { GestaConfig } from '../configuration/gesta-config.js';
import { loadConfig } from '../configuration/load-config.js';
import { openDocumentStore, openEventStore } from '../configuration/open-store.js';
import { settingsOf } from '../configuration/settings.js';
import { partsOf, upcast, type ApplicationParts } from './application-parts.js';

/** The application that a command looks at. What a command does not need is not opened. */
export class Application {
  private eventStore: Promise<EventStore> | undefined;
  private documentStore: Promise<DocumentStore> | undefined;
  private opened: Promise<Gesta> | undefined;
  private definitions: ApplicationParts | undefined;

  /** @param file the configuration's, for messages */
  constructor(
    readonly file: string,
    readonly config: GestaConfig,
    readonly settings: ApplicationSettings,
  ) {}

  /**
   * @throws {WrongUsage} when there is no configuration file
   * @throws {ConfigurationProblem} when it cannot work
   */
  static async find(wanted: ConfigWanted): Promise<Application> {
    const file = findConfig(wanted);
    const config = await loadConfig(file);
    return new Application(file, config, settingsOf(config, file, wanted.env));
  }

  events(): Promise<EventStore> {
    return (this.eventStore ??= openEventStore(this.settings.events));
  }

  documents(): Promise<DocumentStore> {
    return (this.documentStore ??= openDocumentStore(this.settings.documents));
  }

  async deadLetters(): Promise<DeadLetters> {
    return DeadLetters.open(await this.documents());
  }

  /** The engine with the configuration's classes. Its readers are not started. */
  gesta(): Promise<Gesta> {
    return (this.opened ??= this.openGesta());
  }

  /** @throws {ConfigurationProblem} with every class that is not what it is listed as */
  parts(): ApplicationParts {
    return (this.definitions ??= partsOf(this.config, this.file));
  }

  /** The event in its present shape, where a class of the configuration knows it. */
  upcast(event: RecordedEvent): RecordedEvent {
    return upcast(event, this.parts());
  }

  /** Lets go of the stores that were opened. */
  async close(): Promise<void> {
    await Promise.allSettled([this.eventStore, this.documentStore].map(async (store) => (await store)?.close()));
  }

  private async openGesta(): Promise<Gesta> {
    const { travelling, ...parts } = this.parts();
    const execute = () => Promise.reject(new Error('Commands are handled in the application'));
    return Gesta.open({
      ...parts,
      events: await this.events(),
      documents: await this.documents(),
      ...(travelling.length > 0 && { commands: { handled: travelling, execute } }),
      unknownEvents: this.settings.unknownEvents,
      leaseMs: this.config.leaseMs,
      opensAnyhow: true,
    });
  }
}
