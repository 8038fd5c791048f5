import {
  DefinitionError,
  Event,
  eventDefinition,
  EventRegistry,
  isEventClass,
  streamId,
  type AggregateDefinition,
  type Class,
  type DomainEvent,
} from '@gesta/core';
import { classInstance } from '../validation/class-instance.js';

/** What `AggregateRoot` of `@nestjs/cqrs` gives its subclasses, as far as event sourcing needs it. */
export interface EventApplying {
  getUncommittedEvents(): object[];
  uncommit(): void;
  loadFromHistory(history: object[]): void;
}

export interface EventSourcedOptions<A> {
  /** What the streams' names begin with, such as `heroes.hero`; no dash in it. */
  category: string;
  /** Makes the aggregate as it is before its first event; it applies none. */
  create: (id: string) => A;
  /**
   * The events it applies: by the names that they have in the log, or as a list of classes decorated with `@Event`. A
   * class that is named here needs no change.
   */
  events: Readonly<Record<string, Class>> | readonly Class[];
}

/**
 * Event-sources an `AggregateRoot` of `@nestjs/cqrs` as it is. Its methods go on calling `this.apply(new HeroKilled(…))`,
 * its `onHeroKilled` methods fold, live and from history; the repository takes what was applied, appends it and publishes
 * it on the event bus, so there is no `commit()` any more.
 *
 * ```ts
 * GestaModule.forFeature([eventSourced(Hero, { category: 'heroes.hero', create: (id) => new Hero(id), events: { 'heroes.hero-killed': HeroKilled } })])
 *
 * await heroes.transact(heroId, (hero) => hero.killEnemy(dragonId)); // with @InjectRepository(Hero) heroes: Repository<Hero>
 * ```
 *
 * Events are recorded as JSON. Where an `on…` method relies on a `Date` or on a nested class in an event, say so with
 * class-transformer's `@Type`: without it, it is a text or a plain object when it comes from history.
 *
 * @throws {DefinitionError} when two events have one name, when a class has another name already, or when the category
 * cannot be one
 */
export function eventSourced<A extends EventApplying>(
  aggregateClass: Class<A>,
  options: EventSourcedOptions<A>,
): AggregateDefinition<A> {
  const { name } = aggregateClass;
  const { category, create } = options;
  streamId(category, 'probe'); // refuses a category that could not be one at start
  const eventClasses = namedEvents(options.events, name);
  const registry = new EventRegistry(eventClasses);

  return {
    name,
    aggregateClass,
    category,
    registry,
    handlers: [],
    foldsWhileDeciding: true,
    snapshot: undefined,
    create(id) {
      const aggregate = create(id);
      if (aggregate.getUncommittedEvents().length > 0) {
        throw new TypeError(
          `eventSourced(${name}): create makes the aggregate as it is before any event; it applied one`,
        );
      }
      return refusingToPublish(aggregate, name);
    },
    fold(aggregate, data, { type }) {
      aggregate.loadFromHistory([classInstance(registry.find(type)!.eventClass, data)]);
    },
    stated(aggregate, returned) {
      refuseReturned(returned, name);
      const applied = [...aggregate.getUncommittedEvents()];
      aggregate.uncommit();
      return applied.map((event) => stated(event, registry, name));
    },
  };
}

/** Gives the classes the names they have in the map. Those in a list have one. */
function namedEvents(events: EventSourcedOptions<unknown>['events'], aggregate: string): Class[] {
  if (Array.isArray(events)) return [...(events as readonly Class[])];
  return Object.entries(events as Record<string, Class>).map(([type, eventClass]) => {
    if (!isEventClass(eventClass)) Event(type)(eventClass);
    const known = eventDefinition(eventClass).type;
    if (known !== type) {
      throw new DefinitionError(
        `eventSourced(${aggregate}): ${eventClass.name} is named '${known}' already and cannot be '${type}' too`,
      );
    }
    return eventClass;
  });
}

function stated(event: object, registry: EventRegistry, aggregate: string): DomainEvent {
  const eventClass = event.constructor as Class;
  const type = isEventClass(eventClass) ? eventDefinition(eventClass).type : undefined;
  if (type === undefined || registry.find(type)?.eventClass !== eventClass) {
    throw new TypeError(
      `${aggregate} applied ${eventClass.name}, which would not be known again: name it in eventSourced(${aggregate}, { events: { 'context.name': ${eventClass.name} } })`,
    );
  }
  return { type, data: event, eventClass };
}

function refuseReturned(returned: unknown, aggregate: string): void {
  if (returned instanceof Promise)
    throw new TypeError(`${aggregate}: a decision is synchronous; it returned a promise`);
  const first: unknown = Array.isArray(returned) ? returned[0] : returned;
  if (typeof first === 'object' && first !== null && 'eventClass' in first) {
    throw new TypeError(`${aggregate} states its events by apply(…): its decisions return none`);
  }
}

/** Events that left before they are recorded could be of a decision that is taken back. */
function refusingToPublish<A extends object>(aggregate: A, name: string): A {
  const refuse = (method: string) => () => {
    throw new TypeError(
      `${name}.${method}() has no place in a decision: the repository appends what was applied and then publishes it. Remove it (and autoCommit, where it is set)`,
    );
  };
  for (const method of ['commit', 'publish', 'publishAll']) {
    Object.defineProperty(aggregate, method, { value: refuse(method), configurable: true });
  }
  return aggregate;
}
