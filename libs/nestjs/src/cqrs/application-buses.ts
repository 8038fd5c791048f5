import type { ModulesContainer } from '@nestjs/core';
import { CommandBus, CqrsModule, EventBus, QueryBus } from '@nestjs/cqrs';

/** The buses that an application's classes have injected. */
export interface Buses {
  readonly commandBus: CommandBus;
  readonly eventBus: EventBus;
  readonly queryBus: QueryBus;
}

/**
 * Finds the buses of the application's own `CqrsModule.forRoot()` where it has one: its listeners and its publishers are
 * there. They can be asked for once Nest has made them.
 * @param others those that come with `GestaModule`
 */
export function applicationBuses(modules: ModulesContainer, others: Buses): () => Buses {
  const own = ownCqrsModule(modules);
  if (!own) return () => others;
  return () => ({
    commandBus: own.getProviderByKey(CommandBus).instance as CommandBus,
    eventBus: own.getProviderByKey(EventBus).instance as EventBus,
    queryBus: own.getProviderByKey(QueryBus).instance as QueryBus,
  });
}

/** The application's own global `CqrsModule`, if it has one. */
export function ownCqrsModule(modules: ModulesContainer) {
  return [...modules.values()].find(({ metatype, isGlobal }) => metatype === CqrsModule && isGlobal);
}
