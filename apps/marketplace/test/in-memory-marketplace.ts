import {
  aggregateDefinition,
  CommandRefused,
  DeadlineDue,
  DomainError,
  eventDefinition,
  isTravellingCommand,
  processDefinition,
  projectionDefinition,
  streamId,
  type AggregateDefinition,
  type Class,
  type JsonObject,
  type ProcessDefinition,
  type ProcessState,
  type ProjectionDefinition,
  type RecordedEvent,
} from '@gesta/core';
import { ReservationExpiry } from '../../../contexts/inventory/src/processes/reservation-expiry.process.js';
import { StockItem } from '../../../contexts/inventory/src/domain/stock-item.js';
import { StockLevels, type StockLevel } from '../../../contexts/inventory/src/read-models/stock-level.projection.js';
import { Order } from '../../../contexts/ordering/src/domain/order.js';
import { OrderFulfilment } from '../../../contexts/ordering/src/processes/order-fulfilment.process.js';
import {
  OrderSummaries,
  type OrderSummary,
} from '../../../contexts/ordering/src/read-models/order-summary.projection.js';

/** A command that a process manager has sent and nobody has handled yet. */
export interface CommandOnItsWay {
  readonly id: number;
  readonly command: object;
  readonly process: string;
  readonly key: string;
}

/** A deadline that is set. */
export interface DeadlineAhead {
  readonly process: string;
  readonly key: string;
  readonly name: string;
  readonly due: number;
}

interface Follower {
  readonly definition: ProcessDefinition;
  readonly instances: Map<string, { state: ProcessState | undefined; position: bigint }>;
  /** How many events of the log it was given. */
  given: number;
}

/**
 * The aggregates and process managers of the marketplace around one log, with nothing happening by itself: whoever
 * drives it says which event is delivered next, which command arrives next and which deadline passes. It promises less
 * than the library does: commands arrive in any order, and repeats of them are not recognised by their ids.
 */
export class InMemoryMarketplace {
  readonly log: RecordedEvent[] = [];
  readonly commands: CommandOnItsWay[] = [];
  readonly followers: readonly Follower[] = [OrderFulfilment, ReservationExpiry].map((processClass) => ({
    definition: processDefinition(processClass),
    instances: new Map(),
    given: 0,
  }));

  private readonly stockLevels = new Folded<StockLevel>(projectionDefinition(StockLevels, new StockLevels()));
  private readonly orderSummaries = new Folded<OrderSummary>(
    projectionDefinition(OrderSummaries, new OrderSummaries()),
  );
  private readonly definitions = [Order, StockItem].map(
    (aggregateClass) => aggregateDefinition<object>(aggregateClass) as AggregateDefinition,
  );
  private readonly aggregates = new Map<string, { aggregate: object; revision: number }>();
  private readonly refused = new Set<number>();
  private sent = 0;

  levels(): StockLevel[] {
    return [...this.stockLevels.documents.values()];
  }

  orders(): OrderSummary[] {
    return [...this.orderSummaries.documents.values()];
  }

  /**
   * Decides on a command and records what is stated.
   * @throws {DomainError} when it is refused
   */
  execute(command: object): void {
    for (const definition of this.definitions) {
      const handler = definition.handlers.find((each) => each.command === command.constructor);
      if (!handler) continue;
      const id = handler.idOf(command);
      const stream = streamId(definition.category, id);
      const loaded = this.aggregates.get(stream) ?? { aggregate: definition.create(id), revision: -1 };
      this.aggregates.set(stream, loaded);
      for (const stated of definition.stated(loaded.aggregate, handler.decide(loaded.aggregate, command))) {
        const recorded = this.record(stream, ++loaded.revision, stated.eventClass, stated.data as JsonObject);
        definition.fold(loaded.aggregate, recorded.data, recorded);
      }
      return;
    }
    throw new Error(`Nobody handles ${command.constructor.name}`);
  }

  /** A command that is on its way arrives; with `again`, it will arrive once more. */
  arrive(onItsWay: CommandOnItsWay, { again }: { again: boolean }): void {
    if (!again) this.commands.splice(this.commands.indexOf(onItsWay), 1);
    const { id, command, process, key } = onItsWay;
    try {
      this.execute(command);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      if (this.refused.has(id)) return;
      this.refused.add(id);
      const { type, version } = eventDefinition(command.constructor as Class);
      const refusal = { name: error.name, message: error.message };
      const data = { process, key, commandId: String(id), command: type, version, data: { ...command }, refusal };
      this.record(`gesta.refusal-${id}`, 0, CommandRefused, data);
    }
  }

  /** The next event is given to a process manager, or one that it was given before. */
  deliver(follower: Follower, index = follower.given++): void {
    const event = this.log[index]!;
    const { definition, instances } = follower;
    if (!definition.types.includes(event.type)) return;
    const key = definition.keyOf(event);
    if (key === undefined) return;
    const before = instances.get(key);
    if (before && event.position <= before.position) return;
    const step = definition.step(before?.state, event);
    if (!step) return;
    instances.set(key, { state: step.state, position: event.position });
    for (const { commandClass, data } of step.commands) {
      if (!isTravellingCommand(commandClass)) throw new Error(`${commandClass.name} does not travel`);
      const command = Object.assign(Object.create(commandClass.prototype as object) as object, data);
      this.commands.push({ id: ++this.sent, command, process: definition.name, key });
    }
  }

  deadlines(): DeadlineAhead[] {
    return this.followers.flatMap(({ definition, instances }) =>
      [...instances].flatMap(([key, { state }]) =>
        Object.entries(state?.deadlines ?? {}).map(([name, due]) => ({ process: definition.name, key, name, due })),
      ),
    );
  }

  /** A deadline has passed. */
  pass(deadline: DeadlineAhead): void {
    this.record(`gesta.deadline-${this.log.length}`, 0, DeadlineDue, { ...deadline });
  }

  private record(stream: string, revision: number, eventClass: Class, data: JsonObject): RecordedEvent {
    const { type, version } = eventDefinition(eventClass);
    const position = BigInt(this.log.length);
    const recorded: RecordedEvent = {
      id: String(position),
      type,
      version,
      streamId: stream,
      revision,
      position,
      recordedAt: new Date(Number(position)),
      commandId: undefined,
      headers: {},
      data: JSON.parse(JSON.stringify(data)) as JsonObject,
    };
    this.log.push(recorded);
    this.stockLevels.take(recorded);
    this.orderSummaries.take(recorded);
    return recorded;
  }
}

/** A projection that is always at the end of the log. */
class Folded<T extends object> {
  readonly documents = new Map<string, T>();

  constructor(private readonly definition: ProjectionDefinition) {}

  take(event: RecordedEvent): void {
    for (const key of this.definition.keysOf(event)) {
      this.documents.set(key, this.definition.fold(event, this.documents.get(key) as JsonObject, key) as T);
    }
  }
}
