import type { Class } from '../src/events/class.js';
import type { Notice, UnknownEventPolicy } from '../src/observability/notice.js';
import { ProcessConsumer } from '../src/processes/process-consumer.js';
import { processDefinition } from '../src/processes/process-definition.js';
import type { StartFrom } from '../src/processes/process-manager.decorator.js';
import { reactorDefinition } from '../src/processes/reactor-definition.js';
import { ProjectionConsumer } from '../src/projections/projection-consumer.js';
import { projectionDefinition } from '../src/projections/projection-definition.js';
import { Checkpoints } from '../src/readers/checkpoints.js';
import { DeadLetters } from '../src/readers/dead-letters.js';
import { EffectConsumer } from '../src/readers/effect-consumer.js';
import type { EventConsumer } from '../src/readers/event-consumer.js';
import { Fences } from '../src/readers/fences.js';
import { Leases } from '../src/readers/leases.js';
import { Reader, type ReaderKind, type ReaderSurroundings } from '../src/readers/reader.js';
import type { DocumentCollection, DocumentStore } from '../src/store/document-store.js';
import type { EventStore } from '../src/store/event-store.js';

export interface Stores {
  readonly events: EventStore;
  readonly documents: DocumentStore;
}

export interface ReadingOptions {
  /** Short in specs that wait for a lease to end; 10,000 as in production when absent. */
  leaseMs?: number;
  unknownEvents?: UnknownEventPolicy;
  known?: (type: string) => boolean;
}

/** One process that follows a log, as far as its readers know: leases of its own, and what was noticed in it. */
export class ReadingProcess {
  readonly notices: Notice[] = [];
  private readonly readers: Reader[] = [];

  private constructor(
    private readonly stores: Stores,
    readonly surroundings: ReaderSurroundings,
  ) {}

  static async open(stores: Stores, options: ReadingOptions = {}): Promise<ReadingProcess> {
    const { leaseMs, unknownEvents = 'park', known = () => false } = options;
    const { events: store, documents } = stores;
    const process: ReadingProcess = new ReadingProcess(stores, {
      store,
      checkpoints: await Checkpoints.open(documents),
      fences: await Fences.open(documents),
      leases: await Leases.open(documents, leaseMs),
      deadLetters: await DeadLetters.open(documents),
      unknownEvents,
      known,
      notice: (notice) => process.notices.push(notice),
    });
    return process;
  }

  get deadLetters(): DeadLetters {
    return this.surroundings.deadLetters;
  }

  /** Makes a reader of the process and starts it. */
  follow(name: string, consumer: EventConsumer, startFrom: StartFrom = 'beginning', kind: ReaderKind = 'projection') {
    const reader = new Reader(name, kind, startFrom, consumer, this.surroundings);
    this.readers.push(reader);
    reader.start();
    return reader;
  }

  /** Follows the log with a projection, into the collection of its name. */
  async project(projection: object, startFrom?: StartFrom): Promise<{ reader: Reader; documents: DocumentCollection }> {
    const definition = projectionDefinition(projection.constructor as Class, projection);
    const documents = await this.stores.documents.collection(definition.name);
    const reader = this.follow(definition.name, new ProjectionConsumer(definition, documents), startFrom);
    return { reader, documents };
  }

  /** Follows the log with a process manager. */
  async manage(
    processClass: Class,
    now: () => Date = () => new Date(),
  ): Promise<{ reader: Reader; instances: DocumentCollection }> {
    const definition = processDefinition(processClass);
    const name = `process.${definition.name}`;
    const instances = await this.stores.documents.collection(name);
    const consumer = new ProcessConsumer(definition, instances, this.stores.events, now);
    return { reader: this.follow(name, consumer, definition.startFrom, 'process'), instances };
  }

  /**
   * Follows the log with a reactor.
   * @param apartAfterMs so long that a busy machine does not make one take long; short in specs of effects that do
   */
  react(reactor: object, apartAfterMs = 60_000): Reader {
    const definition = reactorDefinition(reactor.constructor as Class, reactor);
    const effects = new EffectConsumer(definition, { apartAfterMs });
    return this.follow(`reactor.${definition.name}`, effects, definition.startFrom, 'reactor');
  }

  noticed<K extends Notice['kind']>(kind: K): Extract<Notice, { kind: K }>[] {
    return this.notices.filter((notice): notice is Extract<Notice, { kind: K }> => notice.kind === kind);
  }

  /** Stops its readers. After the death of its stores this only ends its timers. */
  async stop(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.stop()));
  }
}
