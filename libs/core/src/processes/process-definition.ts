import { isDeepStrictEqual } from 'node:util';
import type { Class } from '../events/class.js';
import { declarations, ownDeclaration } from '../events/declarations.js';
import { DefinitionError } from '../events/definition-error.js';
import { EventRegistry } from '../events/event-registry.js';
import { eventDefinition } from '../events/event.decorator.js';
import { exactState } from '../events/exact-state.js';
import { refuseHiddenFields } from '../events/hidden-fields.js';
import { copyOfJson, type JsonObject } from '../events/json.js';
import { refuseAsync, refusePromise } from '../events/synchronous.js';
import type { RecordedEvent } from '../events/recorded-event.js';
import { commandDefinition } from '../messaging/command.decorator.js';
import { checkReaderName } from '../projections/projection-definition.js';
import { idOf } from '../store/stream-id.js';
import { CommandRefused } from './command-refused.js';
import { DeadlineDue } from './deadline-due.js';
import type { Effect, Effects, SendEffect } from './effects.js';
import {
  DEADLINES,
  PROCESS_MANAGER,
  REFUSALS,
  WHENS,
  type DeadlineDeclaration,
  type ProcessManagerOptions,
  type RefusedDeclaration,
  type StartFrom,
  type WhenDeclaration,
} from './process-manager.decorator.js';

/** An instance's durable state. */
export interface ProcessState {
  /** The fields of the class. */
  readonly fields: JsonObject;
  /** When each deadline that is set is due, by its name, in milliseconds since 1970. */
  readonly deadlines: Readonly<Record<string, number>>;
  readonly completed: boolean;
}

/** What an instance made of an event: its new state, and the commands to send once that is durable. */
export interface ProcessStep {
  readonly state: ProcessState;
  readonly commands: readonly SendEffect[];
}

/** What a process manager class declared, ready to act. Pure: it knows no store and no clock. */
export interface ProcessDefinition {
  readonly name: string;
  readonly startFrom: StartFrom;
  readonly registry: EventRegistry;
  readonly types: readonly string[];
  /** The instance that the event is for; `undefined` when it is for none. */
  keyOf(event: RecordedEvent): string | undefined;
  /**
   * What the instance makes of the event; `undefined` where there is nothing to remember.
   * @throws what the method throws, and an error when nobody handles a refusal or a deadline that is due, when the method
   * returns something else than effects, or when a field holds what is not JSON
   */
  step(before: ProcessState | undefined, event: RecordedEvent): ProcessStep | undefined;
}

type Method = (...args: unknown[]) => unknown;

/**
 * Reads what `@ProcessManager`, `@When`, `@OnRefused` and `@OnDeadline` declared.
 * @throws {DefinitionError} when the class is no process manager, has dependencies, follows nothing, or handles one
 * thing twice
 */
export function processDefinition(processClass: Class): ProcessDefinition {
  const options = ownDeclaration<ProcessManagerOptions>(processClass, PROCESS_MANAGER);
  if (!options)
    throw new DefinitionError(
      `${processClass.name} is no process manager: decorate it with @ProcessManager({ name, startFrom })`,
    );
  const { name, startFrom } = options;
  checkReaderName(name, processClass);
  if (startFrom !== 'beginning' && startFrom !== 'now') {
    throw new DefinitionError(`${processClass.name}: startFrom is 'beginning' or 'now', not ${String(startFrom)}`);
  }
  if (processClass.length > 0) {
    throw new DefinitionError(
      `${processClass.name} is constructed without arguments: a process manager's fields are its durable state`,
    );
  }
  const create = () => new (processClass as new () => object)();
  refuseHiddenFields(processClass, 'is a process manager, whose fields are saved');
  const registry = new EventRegistry([CommandRefused, DeadlineDue]);

  const whens = byName(
    declarations<WhenDeclaration>(processClass, WHENS),
    ({ event }) => eventDefinition(event).type,
    processClass,
  );
  const refusals = byName(
    declarations<RefusedDeclaration>(processClass, REFUSALS),
    ({ command }) => commandDefinition(command).type,
    processClass,
  );
  const deadlines = byName(
    declarations<DeadlineDeclaration>(processClass, DEADLINES),
    (declared) => declared.name,
    processClass,
  );
  for (const { event, method } of whens.values()) {
    refuseFeedingItself(event, method, refusals, processClass);
    registry.add(event);
  }
  for (const { command } of refusals.values()) registry.add(command);
  if (whens.size === 0) throw new DefinitionError(`${processClass.name} follows nothing: it has no @When method`);
  const refused = eventDefinition(CommandRefused).type;
  const due = eventDefinition(DeadlineDue).type;

  /** The call that the event leads to, for the instance at hand; `undefined` when it is out of date. */
  function callFor(
    event: RecordedEvent,
    deadlinesSet: Readonly<Record<string, number>>,
  ): ((instance: Record<string, Method>) => unknown) | undefined {
    if (event.type === due) {
      const deadline = event.data as unknown as DeadlineDue;
      if (deadlinesSet[deadline.name] !== deadline.due) return undefined; // moved or taken back since
      const handler = deadlines.get(deadline.name);
      if (!handler)
        throw new Error(
          `${processClass.name} set the deadline '${deadline.name}' but has no @OnDeadline('${deadline.name}')`,
        );
      return (instance) => instance[handler.method]!({ name: deadline.name, due: new Date(deadline.due) }, event);
    }
    if (event.type === refused) {
      const { command, version, data, refusal } = event.data as unknown as CommandRefused;
      const sent = registry.find(command);
      const handler = sent && refusals.get(sent.type);
      if (!handler)
        throw new Error(
          `${processClass.name} has no @OnRefused for ${command}, which was refused: ${refusal.name}: ${refusal.message}`,
        );
      const lifted = registry.lift({ ...event, type: command, version, data });
      return (instance) => instance[handler.method]!(lifted.data, refusal, event);
    }
    const when = whens.get(event.type);
    return when && ((instance) => instance[when.method]!(event.data, event));
  }

  return {
    name,
    startFrom,
    registry,
    types: [...EventRegistry.namesOf([...whens.values()].map(({ event }) => event)), refused, due],
    keyOf(event) {
      if (event.type === refused || event.type === due) {
        const { process, key } = event.data as unknown as CommandRefused | DeadlineDue;
        return process === name ? key : undefined;
      }
      const when = whens.get(event.type);
      if (!when) return undefined;
      const key: unknown = when.key ? when.key(...ofItsOwn(event)) : idOf(event.streamId);
      refusePromise(key, `${processClass.name}: the key for ${event.type} is told at once; it was promised`);
      if (key !== undefined && (typeof key !== 'string' || key === '')) {
        throw new TypeError(
          `${processClass.name}: the key for ${event.type} is a string that is not empty, not ${String(key)}`,
        );
      }
      return key;
    },
    step(before, event) {
      if (before?.completed) return undefined;
      const call = callFor(event, before?.deadlines ?? {});
      if (!call) return undefined;
      const instance = Object.assign(create(), before && copyOfJson(before.fields)) as Record<string, Method>;
      const fresh = before ?? { fields: fieldsOf(instance, processClass), deadlines: {}, completed: false };
      const effects = checkedEffects(call(instance) as Effects, processClass);
      refuseLostFields(instance, create(), processClass);
      const step = take(fresh, event, fieldsOf(instance, processClass), effects);
      const nothing = !before && effects.length === 0 && isDeepStrictEqual(step.state.fields, fresh.fields);
      return nothing ? undefined : step;
    },
  };
}

/** The event for one look at it: what is changed in it is seen by nobody else. */
export function ofItsOwn(event: RecordedEvent): [data: JsonObject, event: RecordedEvent] {
  const { data, headers } = copyOfJson({ data: event.data, headers: event.headers });
  return [data, { ...event, data, headers }];
}

/** The state after the event, with what the effects change in it. */
function take(before: ProcessState, event: RecordedEvent, fields: JsonObject, effects: readonly Effect[]): ProcessStep {
  const deadlines = { ...before.deadlines };
  if (event.type === eventDefinition(DeadlineDue).type) delete deadlines[event.data.name as string];
  const commands: SendEffect[] = [];
  let completed = false;
  for (const effect of effects) {
    if (effect.kind === 'send') commands.push(effect);
    else if (effect.kind === 'deadline') deadlines[effect.name] = event.recordedAt.getTime() + effect.afterMs;
    else if (effect.kind === 'cancel-deadline') delete deadlines[effect.name];
    else completed = true;
  }
  return { state: { fields, deadlines: completed ? {} : deadlines, completed }, commands };
}

function fieldsOf(instance: object, processClass: Class): JsonObject {
  return exactState(instance, processClass.name, notSaved).state;
}

function notSaved(path: string, found: string): Error {
  return new TypeError(`${path} is ${found}, which JSON cannot hold: the fields of a process manager are JSON values`);
}

/** A field that is `undefined` is not in JSON: read again, it would have its first value back. */
function refuseLostFields(instance: object, first: object, processClass: Class): void {
  for (const [field, value] of Object.entries(first)) {
    if (value !== undefined && (instance as Record<string, unknown>)[field] === undefined) {
      throw new TypeError(`${processClass.name}.${field} became undefined, which JSON cannot hold; use null`);
    }
  }
}

function checkedEffects(returned: unknown, processClass: Class): readonly Effect[] {
  if (returned === undefined || returned === null) return [];
  refusePromise(returned, `${processClass.name}: a process manager does no I/O; its method returned a promise`);
  const effects = (Array.isArray(returned) ? returned : [returned]) as Effect[];
  for (const effect of effects) {
    if (!['send', 'deadline', 'cancel-deadline', 'complete'].includes(effect?.kind)) {
      throw new TypeError(
        `${processClass.name} returns effects, made by send, deadline, cancelDeadline or complete; not ${String(effect)}`,
      );
    }
  }
  return effects;
}

function byName<D extends { readonly method: string }>(
  declared: D[],
  nameOf: (declaration: D) => string,
  processClass: Class,
): Map<string, D> {
  const named = new Map<string, D>();
  for (const declaration of declared) {
    const name = nameOf(declaration);
    refuseAsync(
      (processClass.prototype as Record<string, unknown>)[declaration.method],
      `${processClass.name}.${declaration.method}`,
    );
    const other = named.get(name);
    if (other && other.method !== declaration.method) {
      throw new DefinitionError(
        `${processClass.name} handles ${name} twice: in ${other.method} and in ${declaration.method}`,
      );
    }
    named.set(name, declaration);
  }
  return named;
}

/** What comes of its own commands and deadlines a process manager hears by `@OnRefused` and `@OnDeadline` alone. */
function refuseFeedingItself(
  event: Class,
  method: string,
  refusals: ReadonlyMap<string, RefusedDeclaration>,
  processClass: Class,
): void {
  const { type } = eventDefinition(event);
  if (event === CommandRefused || event === DeadlineDue) {
    const instead = event === CommandRefused ? '@OnRefused(Command)' : "@OnDeadline('name')";
    throw new DefinitionError(`${processClass.name}.${method} follows ${type}: use ${instead}`);
  }
  if (refusals.has(type)) {
    throw new DefinitionError(
      `${processClass.name}.${method} follows ${type}, a command that it sends itself, and would be set going by its own command: follow the event that comes of it`,
    );
  }
}
