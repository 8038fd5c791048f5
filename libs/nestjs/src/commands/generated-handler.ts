import {
  ValidationFailed,
  type AggregateDefinition,
  type Class,
  type CommandHandlerDefinition,
  type CommandResult,
  type Decision,
  type Repository,
  type Validator,
} from '@gesta/core';
import type { Type } from '@nestjs/common';
import { CommandHandler } from '@nestjs/cqrs';

/** What a generated handler works with. */
export interface HandlerSurroundings {
  readonly repository: Repository<object>;
  readonly validate: Validator;
}

/** What the command bus calls. */
interface Executing {
  execute(command: object): Promise<CommandResult>;
}

/** A `@Handle` method as a handler of `@nestjs/cqrs`. */
export interface GeneratedHandler {
  readonly command: Class;
  readonly handlerClass: Class<Executing>;
  create(surroundings: HandlerSurroundings): Executing;
}

/** A handler class for each `@Handle` method of the aggregate, decorated as if it had been written by hand. */
export function generatedHandlers(definition: AggregateDefinition): GeneratedHandler[] {
  return definition.handlers.map((handler) => generated(definition, handler));
}

function generated(definition: AggregateDefinition, handler: CommandHandlerDefinition): GeneratedHandler {
  class AggregateCommandHandler implements Executing {
    constructor(private readonly surroundings: HandlerSurroundings) {}

    async execute(command: object): Promise<CommandResult> {
      const { repository, validate } = this.surroundings;
      const checking = validate(command.constructor as Class, command);
      if (checking) await checking;
      const decide = (aggregate: object) => decided(handler, aggregate, command);
      return repository.transact(addressee(handler, command), decide, { command });
    }
  }
  const name = `${definition.name}Handles${handler.command.name}`;
  Object.defineProperty(AggregateCommandHandler, 'name', { value: name });
  CommandHandler(handler.command as Type)(AggregateCommandHandler);
  return {
    command: handler.command,
    handlerClass: AggregateCommandHandler,
    create: (surroundings) => new AggregateCommandHandler(surroundings),
  };
}

/** A command that does not say whom it is for breaks a rule that every command has. */
function addressee(handler: CommandHandlerDefinition, command: object): string {
  try {
    return handler.idOf(command);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new ValidationFailed(handler.command.name, [{ field: 'id', rules: [error.message] }]);
  }
}

/** The repository checks what a decision returned; its type is not known here. */
function decided(handler: CommandHandlerDefinition, aggregate: object, command: object): Decision {
  return handler.decide(aggregate, command) as Decision;
}
