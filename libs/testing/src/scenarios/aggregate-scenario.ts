import { inspect } from 'node:util';
import {
  DomainError,
  eventDefinition,
  streamId,
  type AggregateDefinition,
  type Class,
  type CommandHandlerDefinition,
  type DomainEvent,
  type JsonObject,
  type RecordedEvent,
  type StreamMetadata,
} from '@gesta/core';
import { asJson } from './as-json.js';
import { inWords, leavingAlone } from './changes.js';
import { asRecorded, placed, type Happening, type Placed } from './happenings.js';
import { Recording } from './recording.js';
import { chapter, differenceBetween, refuseAwaiting, ScenarioFailed, told, type Story } from './scenario-failed.js';
import { inShort, lineOf, named } from './telling.js';

/** An aggregate with its past. */
export interface GivenAggregate {
  /**
   * The aggregate decides on a command.
   * @param command an instance of a class that the aggregate has an `@Handle` method for
   * @throws {TypeError} when the command does not name the aggregate by its id
   * @throws {UnknownEvent} when the aggregate does not know an event that was given, as the repository does
   * @throws {ScenarioFailed} when the decision changes the aggregate or the command, or a fold changes its event
   */
  when(command: object): DecisionOutcome;
}

/** What became of a command. */
export interface DecisionOutcome {
  /** The decision stated exactly these events, in this order; compared as JSON. */
  then(...expected: DomainEvent[]): void;
  /** The decision stated no event, and refused nothing. */
  thenNothing(): void;
  /**
   * The decision refused.
   * @param error the domain error's class, or one that it extends
   * @param message the error's whole message, or a pattern for it
   */
  thenRefused(error: Class<DomainError>, message?: string | RegExp): void;
}

interface Stated {
  readonly type: string;
  readonly version: number;
  readonly data: JsonObject;
}

export class AggregateScenario<A extends object> implements GivenAggregate {
  constructor(
    private readonly definition: AggregateDefinition<A>,
    private readonly history: readonly Happening[],
  ) {}

  when(command: object): DecisionOutcome {
    const { definition } = this;
    const handler = this.handlerOf(command);
    const id = handler.idOf(command);
    const stream = streamId(definition.category, id);
    const recording = new Recording();
    const aggregate = definition.create(id);
    const given: string[] = [];
    for (const past of placed(this.history)) {
      const event = definition.registry.lift(this.recorded(past, stream, recording));
      this.fold(aggregate, event);
      given.push(lineOf(past));
    }

    const name = handler.command.name;
    const outcome = this.decide(aggregate, handler, command);
    for (const event of outcome.stated) {
      this.fold(aggregate, recording.record({ ...event, streamId: stream, headers: {} }));
    }
    const story = { given, when: [inspect(command, { depth: 8, breakLength: Infinity })] };
    return new Outcome(definition.name, name, story, outcome.stated, outcome.thrown);
  }

  private handlerOf(command: object): CommandHandlerDefinition<A> {
    const { name, handlers } = this.definition;
    const handler = handlers.find((each) => each.command === command?.constructor);
    if (handler) return handler;
    const known = handlers.map((each) => each.command.name).join(', ') || 'no command';
    const isInstance = typeof command === 'object' && command !== null && command.constructor !== Object;
    throw new ScenarioFailed(
      isInstance
        ? `${name} does not handle ${command.constructor?.name}; it handles ${known}`
        : `when(…) takes an instance of a command that ${name} handles: ${known}`,
    );
  }

  private recorded(past: Placed, stream: string, recording: Recording): RecordedEvent {
    const { name } = this.definition;
    const event = asRecorded(past.happening);
    if (!event) throw new ScenarioFailed(`${name} is an aggregate: refusals and deadlines are for process managers`);
    if (past.streamId !== undefined && past.streamId !== stream) {
      throw new ScenarioFailed(
        `${name} sees its own stream only: the command is for ${stream}, but ${event.type} was given on ${past.streamId}`,
      );
    }
    return recording.record({ ...event, streamId: stream, recordedAt: past.recordedAt, headers: past.headers });
  }

  private fold(aggregate: A, event: RecordedEvent): void {
    const { id, type, version, streamId: stream, revision, commandId, headers } = event;
    const meta: StreamMetadata = { id, type, version, streamId: stream, revision, commandId, headers };
    const { name } = this.definition;
    leavingAlone(
      { ...meta, data: event.data },
      () => {
        try {
          this.definition.fold(aggregate, event.data, meta);
        } catch (cause) {
          throw new ScenarioFailed(`${name} failed to fold ${type}: ${inShort(cause)}`, { cause });
        }
      },
      (change) =>
        new ScenarioFailed(`${name} changed ${inWords(change)} in the event ${type} that it folds; take a copy`),
    );
  }

  private decide(
    aggregate: A,
    handler: CommandHandlerDefinition<A>,
    command: object,
  ): { stated: readonly Stated[]; thrown?: { readonly error: unknown } } {
    const { definition } = this;
    const asked = handler.command.name;
    const decision = () => {
      try {
        const events = definition.stated(aggregate, handler.decide(aggregate, command));
        return { stated: events.map(asStated) };
      } catch (error) {
        return { stated: [], thrown: { error } };
      }
    };
    const withCommandLeftAlone = () =>
      leavingAlone(
        command,
        decision,
        (change) => new ScenarioFailed(`${definition.name} changed ${inWords(change)} in the command ${asked}`),
      );
    return leavingAlone(
      aggregate,
      withCommandLeftAlone,
      (change) =>
        new ScenarioFailed(
          `${definition.name} changed its field ${inWords(change)} while it decided on ${asked}; a decision returns events, and @Apply methods change fields`,
        ),
    );
  }
}

class Outcome implements DecisionOutcome {
  constructor(
    private readonly aggregate: string,
    private readonly command: string,
    private readonly story: Story,
    private readonly stated: readonly Stated[],
    private readonly thrown: { readonly error: unknown } | undefined,
  ) {}

  // oxlint-disable-next-line unicorn/no-thenable -- given, when, then; awaiting it is refused with an explanation
  then(...expected: DomainEvent[]): void {
    refuseAwaiting(expected);
    this.compare(expected.map(asStated));
  }

  thenNothing(): void {
    this.compare([]);
  }

  thenRefused(error: Class<DomainError>, message?: string | RegExp): void {
    const { aggregate, command, thrown } = this;
    const wanted = `expected ${error.name}${message === undefined ? '' : ` with the message ${quoted(message)}`}`;
    if (!thrown) {
      throw this.failure(
        `${aggregate} did not refuse ${command}; ${wanted}`,
        chapter('Decided', this.stated.map(named)),
      );
    }
    if (!(thrown.error instanceof error) || !matches(thrown.error.message, message)) {
      throw this.failure(`${this.howItFailed()}; ${wanted}`);
    }
    if (!(thrown.error instanceof DomainError)) {
      throw this.failure(
        `${this.howItFailed()}; a refusal is a DomainError, all else is taken for a technical failure`,
      );
    }
  }

  private compare(expected: readonly Stated[]): void {
    const { aggregate, command } = this;
    if (this.thrown) throw this.failure(this.howItFailed(), chapter('Expected', expected.map(named)));
    const difference = differenceBetween(expected.map(shown), this.stated.map(shown), 'Decided');
    if (difference !== undefined) throw this.failure(`${aggregate} decided otherwise on ${command}`, difference);
  }

  private howItFailed(): string {
    const { error } = this.thrown!;
    const did = error instanceof DomainError ? 'refused' : 'failed on';
    return `${this.aggregate} ${did} ${this.command} with ${inShort(error)}`;
  }

  private failure(whatIsWrong: string, ...more: string[]): ScenarioFailed {
    const options = this.thrown && { cause: this.thrown.error };
    return new ScenarioFailed(told(whatIsWrong, this.story, ...more), options);
  }
}

function asStated({ type, data, eventClass }: DomainEvent): Stated {
  return { type, version: eventDefinition(eventClass).version, data: asJson(data) as JsonObject };
}

function shown({ type, data }: Stated): object {
  return { [type]: data };
}

function matches(actual: string, expected: string | RegExp | undefined): boolean {
  if (expected === undefined) return true;
  return typeof expected === 'string' ? actual === expected : actual.search(expected) >= 0;
}

function quoted(message: string | RegExp): string {
  return typeof message === 'string' ? `'${message}'` : String(message);
}
