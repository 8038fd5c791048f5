import { describe, expect, it } from '@jest/globals';
import { Aggregate, Apply } from '../aggregates/aggregate.decorator.js';
import { aggregateDefinition } from '../aggregates/aggregate-definition.js';
import type { Class } from '../events/class.js';
import { DefinitionError } from '../events/definition-error.js';
import { Event, type EventOptions } from '../events/event.decorator.js';
import { MemoryDocumentStore } from '../memory/memory-document-store.js';
import { MemoryEventStore } from '../memory/memory-event-store.js';
import { Command } from '../messaging/command.decorator.js';
import { OnRefused, ProcessManager, When } from '../processes/process-manager.decorator.js';
import { processDefinition } from '../processes/process-definition.js';
import { CommandRefused } from '../processes/command-refused.js';
import { DeadlineDue } from '../processes/deadline-due.js';
import { Project, Projection } from '../projections/projection.decorator.js';
import { projectionDefinition } from '../projections/projection-definition.js';
import { Gesta, type GestaOptions } from './gesta.js';

const declared = (prototype: object, method: string) => Object.getOwnPropertyDescriptor(prototype, method) as never;

function named(decorator: ClassDecorator): Class {
  class Named {}
  decorator(Named);
  return Named;
}
const anEvent = (type: string, options?: EventOptions) => named(Event(type, options));
const aCommand = (type: string) => named(Command(type));

function aggregateOf(event: Class, category = 'one.account') {
  class Account {
    happened() {}
  }
  Apply(event)(Account.prototype, 'happened', declared(Account.prototype, 'happened'));
  Aggregate({ category, id: 'id' })(Account);
  return Account;
}

function projectionOf(event: Class) {
  class Seen {
    seen() {
      return {};
    }
  }
  Project(event)(Seen.prototype, 'seen', declared(Seen.prototype, 'seen'));
  Projection({ name: 'seen' })(Seen);
  return { projectionClass: Seen, definition: projectionDefinition(Seen, new Seen()) };
}

function processOf(event: Class, sends?: Class) {
  class Plan {
    happened() {}
    refused() {}
  }
  When(event)(Plan.prototype, 'happened', declared(Plan.prototype, 'happened'));
  if (sends) OnRefused(sends)(Plan.prototype, 'refused', declared(Plan.prototype, 'refused'));
  ProcessManager({ name: 'plan', startFrom: 'beginning' })(Plan);
  return Plan;
}

const open = (parts: Partial<GestaOptions>) =>
  Gesta.open({ events: new MemoryEventStore(), documents: new MemoryDocumentStore(), ...parts });

describe('one name in the log', () => {
  it('is not of two event classes, whichever parts read them', async () => {
    const opened = open({
      aggregates: [aggregateDefinition(aggregateOf(anEvent('opened')))],
      projections: [projectionOf(anEvent('opened'))],
    });
    await expect(opened).rejects.toThrow(DefinitionError);
    await expect(opened).rejects.toThrow(
      "'opened' names two classes: Named in the aggregate Account, Named in the projection seen",
    );
  });

  it('is not of a class and the former name of another', async () => {
    await expect(
      open({
        aggregates: [aggregateDefinition(aggregateOf(anEvent('opened')))],
        projections: [projectionOf(anEvent('begun', { aliases: ['opened'] }))],
      }),
    ).rejects.toThrow("'opened' names two classes");
  });

  it('is not of two commands, nor of a command and an event', async () => {
    const execute = async () => undefined;
    await expect(open({ commands: { handled: [aCommand('one.do'), aCommand('one.do')], execute } })).rejects.toThrow(
      "'one.do' names two classes: Named in the commands handled here",
    );
    await expect(
      open({ commands: { handled: [aCommand('one.do')], execute }, projections: [projectionOf(anEvent('one.do'))] }),
    ).rejects.toThrow("'one.do' names two classes: Named in the projection seen, Named in the commands handled here");
  });

  it('may be read by many parts as one class', async () => {
    const event = anEvent('opened');
    await open({
      aggregates: [aggregateDefinition(aggregateOf(event))],
      projections: [projectionOf(event)],
      processes: [processDefinition(processOf(event))],
    });
  });
});

describe('what would feed itself', () => {
  it('is refused: an aggregate that would record a command', () => {
    expect(() => aggregateDefinition(aggregateOf(aCommand('one.do')))).toThrow(
      'Account would record one.do, which is a command',
    );
  });

  it('is refused: a process manager that follows its own command', () => {
    const command = aCommand('one.do');
    expect(() => processDefinition(processOf(command, command))).toThrow(
      'Plan.happened follows one.do, a command that it sends itself',
    );
  });

  it('is refused: a process manager that follows refusals or deadlines as if they were events', () => {
    expect(() => processDefinition(processOf(CommandRefused))).toThrow('use @OnRefused(Command)');
    expect(() => processDefinition(processOf(DeadlineDue))).toThrow("use @OnDeadline('name')");
  });
});
