import {
  aggregateDefinition,
  DefinitionError,
  processDefinition,
  projectionDefinition,
  type Class,
  type DomainEvent,
  type Effect,
} from '@gesta/core';
import { AggregateScenario, type GivenAggregate } from './aggregate-scenario.js';
import type { Happening } from './happenings.js';
import { ProcessScenario, type GivenProcessManager } from './process-scenario.js';
import { ProjectionScenario, type GivenProjection } from './projection-scenario.js';

/** What the public methods of a class return, one of each where they return several. */
type Returned<T> = {
  [M in keyof T]: T[M] extends (...args: never[]) => infer R ? OneOf<R> : never;
}[keyof T];
type OneOf<R> = 0 extends 1 & R ? never : R extends readonly (infer One)[] ? One : R;

/**
 * What a class can be given: a decorator leaves no trace in a type, but what the methods return does. Methods of process
 * managers return effects, those of aggregates events, those of projections documents.
 */
export type Given<T> = [Extract<Returned<T>, Effect>] extends [never]
  ? [Extract<Returned<T>, DomainEvent>] extends [never]
    ? [Extract<Returned<T>, object>] extends [never]
      ? GivenProcessManager
      : GivenProjection
    : GivenAggregate
  : GivenProcessManager;

/**
 * A test without stores: what was given, what happens, what comes of it. All of it goes through JSON and upcasters, as
 * in production.
 *
 * - `given(Order, event(OrderPlaced, { … })).when(new CancelOrder('1')).then(event(OrderCancelled, { … }))`
 * - `given(OrderSummaries, event(OrderPlaced, { … })).when(event(OrderConfirmed, { … })).then({ '1': { … } })`
 * - `given(OrderFulfilment, event(OrderPlaced, { … })).when(due('reservation')).then(send(RejectOrder, { … }), complete())`
 *
 * @param subject a class decorated with `@Aggregate`, `@Projection` or `@ProcessManager`; for a projection whose
 * constructor takes dependencies, an instance of it
 * @param history what happened before, oldest first
 * @throws {DefinitionError} when the subject is none of these, or is declared in a way that cannot work
 */
export function given<T extends object>(subject: Class<T>, ...history: Happening[]): Given<T>;
export function given(projection: object, ...history: Happening[]): GivenProjection;
export function given(
  subject: Class | object,
  ...history: Happening[]
): GivenAggregate | GivenProjection | GivenProcessManager {
  if (typeof subject !== 'function') return givenInstance(subject, history);
  const subjectClass = subject as Class;
  for (const attempt of [givenAggregate, givenProjection, givenProcessManager]) {
    try {
      return attempt(subjectClass, history);
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      // Each says that the class is not decorated so, but where it is: then it says what is wrong with it.
      if (!error.message.startsWith(`${subjectClass.name} is no `)) throw error;
    }
  }
  throw new DefinitionError(
    `${subjectClass.name} is no aggregate, projection or process manager: decorate it with @Aggregate, @Projection or @ProcessManager`,
  );
}

function givenAggregate(aggregateClass: Class, history: readonly Happening[]): GivenAggregate {
  return new AggregateScenario(aggregateDefinition(aggregateClass), history);
}

function givenProcessManager(processClass: Class, history: readonly Happening[]): GivenProcessManager {
  processDefinition(processClass);
  return new ProcessScenario(processClass, history);
}

function givenProjection(projectionClass: Class, history: readonly Happening[]): GivenProjection {
  const { name, prototype } = projectionClass as Class & { prototype: object };
  projectionDefinition(projectionClass, prototype); // whether it is one, before an instance is made
  if (projectionClass.length > 0) {
    throw new DefinitionError(`${name} is constructed with dependencies; pass an instance: given(new ${name}(…))`);
  }
  const projection = new (projectionClass as new () => object)();
  return new ProjectionScenario(name, projectionDefinition(projectionClass, projection), history);
}

function givenInstance(projection: object, history: readonly Happening[]): GivenProjection {
  const projectionClass = projection?.constructor as Class | undefined;
  if (!projectionClass) {
    throw new DefinitionError(`given(…) takes a class, or an instance of a projection; not ${String(projection)}`);
  }
  return new ProjectionScenario(projectionClass.name, projectionDefinition(projectionClass, projection), history);
}
