import { runInMessageContext, type Commit, type DomainEvent } from '@gesta/core';
import type { LoggerService } from '@nestjs/common';
import type { IEvent } from '@nestjs/cqrs';
import { classInstance } from '../validation/class-instance.js';

/** The part of Nest's event bus that events are handed to. */
export interface EventPublishing {
  publish(event: IEvent): unknown;
}

/**
 * Publishes appended events on Nest's event bus as instances of their classes. Whatever comes of that does not reach the
 * command: its events are durable already. What handlers do in turn has the command's correlation, not its id.
 * @param bus finds the bus, which is there once the application runs
 */
export function publishCommits(bus: () => EventPublishing, logger: LoggerService): (commit: Commit) => void {
  return ({ streamId, events, headers }) => {
    const failed = (error: unknown) =>
      logger.error(
        `An event of ${streamId} was appended, but publishing it on the event bus failed`,
        error instanceof Error ? error.stack : String(error),
      );
    runInMessageContext({ headers }, () => {
      for (const event of events) {
        try {
          Promise.resolve(bus().publish(published(event))).catch(failed);
        } catch (error) {
          failed(error);
        }
      }
    });
  };
}

function published({ eventClass, data }: DomainEvent): object {
  return data instanceof eventClass ? data : classInstance(eventClass, data);
}
