import {
  aggregateDefinition,
  DefinitionError,
  isTravellingCommand,
  processDefinition,
  projectionDefinition,
  reactorDefinition,
  UnknownEvent,
  type AggregateDefinition,
  type Class,
  type EventRegistry,
  type ProcessDefinition,
  type ProjectionDefinition,
  type ReactorDefinition,
  type RecordedEvent,
} from '@gesta/core';
import { ConfigurationProblem } from '../configuration/configuration-problem.js';
import type { GestaConfig } from '../configuration/gesta-config.js';

/** What the classes of a configuration declare. */
export interface ApplicationParts {
  readonly aggregates: readonly AggregateDefinition[];
  readonly projections: readonly { readonly projectionClass: Class; readonly definition: ProjectionDefinition }[];
  readonly processes: readonly ProcessDefinition[];
  readonly reactors: readonly ReactorDefinition[];
  /** The commands that arrive through the log. */
  readonly travelling: readonly Class[];
}

/** @throws {ConfigurationProblem} with every class that is not what it is listed as */
export function partsOf(config: GestaConfig, file: string): ApplicationParts {
  const problems: string[] = [];
  const defined = <P extends object, D>(parts: readonly P[] | undefined, define: (part: P) => D) =>
    [...new Set(parts)].flatMap((part) => {
      try {
        return [define(part)];
      } catch (error) {
        if (!(error instanceof DefinitionError)) throw error;
        problems.push(`${error.message}${otherCopy(classOf(part))}`);
        return [];
      }
    });
  const aggregates = defined(config.aggregates, aggregateOf);
  const projections = defined(config.projections, (part) => {
    const projectionClass = classOf(part);
    return { projectionClass, definition: projectionDefinition(projectionClass, projectionOf(part)) };
  });
  const processes = defined(config.processes, processDefinition);
  // Reactors need what they act on; here they only lend their names, and are never made.
  const reactors = defined(config.reactors, (part) => {
    const reactorClass = classOf(part);
    return reactorDefinition(reactorClass, Object.create(reactorClass.prototype as object) as object);
  });
  if (problems.length > 0) throw new ConfigurationProblem(file, problems);
  const commands = aggregates.flatMap(({ handlers }) => handlers.map(({ command }) => command));
  return { aggregates, projections, processes, reactors, travelling: commands.filter(isTravellingCommand) };
}

function aggregateOf(part: Class | AggregateDefinition): AggregateDefinition {
  if (typeof part === 'function') return aggregateDefinition<object>(part);
  if (isAggregateDefinition(part)) return part;
  throw new DefinitionError(
    `${classOf(part).name} is listed as an aggregate by an instance: list its class, or what eventSourced(…) returns`,
  );
}

function isAggregateDefinition(part: object): boolean {
  return 'aggregateClass' in part && 'registry' in part && 'fold' in part;
}

/** A class that cannot be made without arguments is listed by an instance. */
function projectionOf(part: object): object {
  if (typeof part !== 'function') return part;
  try {
    return Reflect.construct(part, []) as object;
  } catch (error) {
    throw new DefinitionError(
      `${part.name} cannot be made without arguments (${(error as Error).message}): list an instance of it`,
    );
  }
}

/** The class that is listed, itself or by an instance. */
function classOf(part: object): Class {
  return (typeof part === 'function' ? part : (part as { constructor: unknown }).constructor) as Class;
}

/** The event in its present shape, where one of the parts knows it; otherwise as it was recorded. */
export function upcast(event: RecordedEvent, parts: ApplicationParts): RecordedEvent {
  const { aggregates, processes, reactors } = parts;
  const projections = parts.projections.map(({ definition }) => definition);
  for (const { registry } of [...aggregates, ...projections, ...processes, ...reactors]) {
    const lifted = liftedBy(registry, event);
    if (lifted) return lifted;
  }
  return event;
}

function liftedBy(registry: EventRegistry, event: RecordedEvent): RecordedEvent | undefined {
  try {
    return registry.lift(event);
  } catch (error) {
    if (error instanceof UnknownEvent) return undefined;
    throw error;
  }
}

/** Two copies of core do not see each other's declarations; that one is there says so only by its symbols' names. */
function otherCopy(partClass: Class): string {
  const declared = Object.getOwnPropertySymbols(partClass).some(({ description }) => description?.startsWith('gesta.'));
  return declared
    ? ' (if it is, then with another copy of @gesta/core than the one of @gesta/cli: install both in one version)'
    : '';
}
