import {
  aggregateDefinition,
  Gesta,
  isTravellingCommand,
  processDefinition,
  projectionDefinition,
  reactorDefinition,
  type Class,
  type DocumentStore,
  type EventStore,
} from '@gesta/core';
import { Account, Transfer } from './bank.js';

/** What a process of the bank is made of, beside its stores. */
export interface BankParts {
  readonly projections: readonly Class[];
  readonly mail: { readonly reactorClass: Class; readonly reactor: object };
  readonly leaseMs: number;
  /** Its clock, which may be days apart from the others'. */
  readonly now: () => Date;
}

/** The bank as one process has it: all of its readers, and the inbox of its commands. */
export async function openBank(
  events: EventStore,
  documents: DocumentStore,
  { projections, mail, leaseMs, now }: BankParts,
): Promise<Gesta> {
  const account = aggregateDefinition(Account);
  const handlers = new Map(account.handlers.map((handler) => [handler.command, handler]));
  let gesta: Gesta | undefined;
  gesta = await Gesta.open({
    events,
    documents,
    aggregates: [account],
    projections: projections.map((projectionClass) => ({
      projectionClass,
      definition: projectionDefinition(projectionClass, new (projectionClass as new () => object)()),
    })),
    processes: [processDefinition(Transfer)],
    reactors: [reactorDefinition(mail.reactorClass, mail.reactor)],
    commands: {
      handled: [...handlers.keys()].filter(isTravellingCommand),
      execute: async (command) => {
        const handler = handlers.get(command.constructor as Class)!;
        const decide = (decided: object) => handler.decide(decided as Account, command);
        return gesta!.repository(Account).transact(handler.idOf(command), decide as never);
      },
    },
    leaseMs,
    now,
    cacheSize: 2,
  });
  return gesta;
}
