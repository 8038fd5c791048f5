import {
  DefinitionError,
  isTravellingCommand,
  processDefinition,
  projectionDefinition,
  reactorDefinition,
  type Class,
  type ProcessDefinition,
  type ProjectionDefinition,
  type ReactorDefinition,
} from '@gesta/core';
import type { ModulesContainer } from '@nestjs/core';
import { handledCommand } from '../commands/declared-handlers.js';
import { ownCqrsModule } from '../cqrs/application-buses.js';
import { declaredAs } from './declared-as.js';
import { Feature } from './feature.js';
import { GESTA_OPTIONS } from './gesta-module-options.js';
import { injectableOf } from './injection-tokens.js';
import { lateBound } from './late-bound.js';
import { injections, providedClasses, providedValues, type ProvidedClass } from './provided-classes.js';

/** What the modules of an application declare for Gesta. */
export interface DiscoveredParts {
  readonly features: ReadonlyMap<Class, Feature>;
  readonly projections: readonly { readonly projectionClass: Class; readonly definition: ProjectionDefinition }[];
  readonly processes: readonly ProcessDefinition[];
  readonly reactors: readonly ReactorDefinition[];
  /** The `@Command` classes that are handled on the command bus. */
  readonly travelling: readonly Class[];
  /** The providers whose methods the engine calls. */
  readonly called: readonly ProvidedClass[];
}

/**
 * Looks through the modules. Nest has not made their providers yet, so that these may have repositories and read models
 * injected.
 * @throws {DefinitionError} with everything that cannot work together
 */
export function discoveredParts(modules: ModulesContainer): DiscoveredParts {
  const problems: string[] = [];
  const classes = providedClasses(modules);
  const features = featuresOf(modules, problems);
  refuseMisplacedRoots(modules, problems);

  const projections = defined('projection', classes, problems, ({ providedClass, provider }) => ({
    projectionClass: providedClass,
    definition: projectionDefinition(
      providedClass,
      lateBound(providedClass, () => provider.instance),
    ),
  }));
  const processes = defined('process-manager', classes, problems, ({ providedClass }) =>
    processDefinition(providedClass),
  );
  const reactors = defined('reactor', classes, problems, ({ providedClass, provider }) =>
    reactorDefinition(
      providedClass,
      lateBound(providedClass, () => provider.instance),
    ),
  );
  refuseSharedNames('projections', projections, ({ definition }) => definition.name, problems);
  refuseSharedNames('process managers', processes, ({ name }) => name, problems);
  refuseSharedNames('reactors', reactors, ({ name }) => name, problems);

  const commands = handledCommands(features, classes, problems);
  refuseMissing(modules, features, new Set(projections.map(({ of }) => of.providedClass)), problems);
  if (problems.length > 0) throw new DefinitionError(problems.join('\n'));
  return {
    features,
    projections: projections.map(({ definition }) => definition),
    processes: processes.map(({ definition }) => definition),
    reactors: reactors.map(({ definition }) => definition),
    travelling: commands.filter(isTravellingCommand),
    called: [...projections, ...reactors].map(({ of }) => of),
  };
}

function refuseMisplacedRoots(modules: ModulesContainer, problems: string[]): void {
  const all = [...modules.values()];
  const roots = all.filter((module) => module.hasProvider(GESTA_OPTIONS));
  if (roots.length > 1) problems.push('GestaModule.forRoot is there twice: import it once, in the root module');
  const cqrs = ownCqrsModule(modules);
  if (cqrs && all.indexOf(cqrs) > all.indexOf(roots[0]!)) {
    // Nest injects the buses of whichever comes first, and those that come along here know nothing of its options.
    problems.push('CqrsModule.forRoot comes after GestaModule.forRoot: list it before, so that its buses are injected');
  }
}

interface Defined<D> {
  readonly of: ProvidedClass;
  readonly definition: D;
}

/** The definitions of all provided classes of one kind. A class that several modules provide counts once. */
function defined<D>(
  kind: Parameters<typeof declaredAs>[0],
  classes: readonly ProvidedClass[],
  problems: string[],
  define: (provided: ProvidedClass) => D,
): Defined<D>[] {
  const seen = new Set<Class>();
  return classes.flatMap((provided) => {
    const { providedClass } = provided;
    if (seen.has(providedClass) || !declaredAs(kind, providedClass)) return [];
    seen.add(providedClass);
    try {
      return [{ of: provided, definition: define(provided) }];
    } catch (error) {
      if (!(error instanceof DefinitionError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
}

function featuresOf(modules: ModulesContainer, problems: string[]): ReadonlyMap<Class, Feature> {
  const features = new Map<Class, Feature>();
  const byCategory = new Map<string, Feature>();
  for (const feature of providedValues(modules)) {
    if (!(feature instanceof Feature)) continue;
    const { aggregateClass, category, name } = feature.definition;
    const known = features.get(aggregateClass);
    if (known) {
      if (!known.isSameAs(feature)) problems.push(`${name} is given to forFeature in two ways: define it once`);
      continue;
    }
    const other = byCategory.get(category)?.definition.name;
    if (other !== undefined) problems.push(`The aggregates ${other} and ${name} both have the category '${category}'`);
    features.set(aggregateClass, feature);
    byCategory.set(category, feature);
  }
  return features;
}

function refuseSharedNames<D>(
  kinds: string,
  parts: readonly Defined<D>[],
  nameOf: (definition: D) => string,
  problems: string[],
): void {
  const byName = new Map<string, string>();
  for (const { of, definition } of parts) {
    const name = nameOf(definition);
    const other = byName.get(name);
    if (other !== undefined)
      problems.push(`The ${kinds} ${other} and ${of.providedClass.name} are both named '${name}'`);
    byName.set(name, of.providedClass.name);
  }
}

/** The classes of all commands that the bus takes; for each of them there is one handler. */
function handledCommands(
  features: ReadonlyMap<Class, Feature>,
  classes: readonly ProvidedClass[],
  problems: string[],
): Class[] {
  const handlers = new Map<Class, { readonly handlerClass: Class; readonly shown: string }>();
  const add = (command: Class, handlerClass: Class, shown: string) => {
    const other = handlers.get(command);
    if (other && other.handlerClass !== handlerClass) {
      problems.push(`The command ${command.name} has two handlers: ${other.shown} and ${shown}`);
    }
    handlers.set(command, { handlerClass, shown });
  };
  for (const { definition, handlers: own } of features.values()) {
    for (const { command, handlerClass } of own) add(command, handlerClass, `@Handle in ${definition.name}`);
  }
  for (const { providedClass } of classes) {
    const command = handledCommand(providedClass);
    if (command) add(command, providedClass, `the @CommandHandler ${providedClass.name}`);
  }
  return [...handlers.keys()];
}

/** What is injected by class and is not there. */
function refuseMissing(
  modules: ModulesContainer,
  features: ReadonlyMap<Class, Feature>,
  projections: ReadonlySet<Class>,
  problems: string[],
): void {
  for (const { token, into } of injections(modules)) {
    const injectable = injectableOf(token);
    if (!injectable) continue;
    const { kind, of } = injectable;
    if (kind === 'repository' ? features.has(of) : projections.has(of)) continue;
    const remedy =
      kind === 'repository'
        ? `list it in a module: GestaModule.forFeature([${of.name}])`
        : `list the projection among a module's providers`;
    problems.push(`${into} wants the ${kind} of ${of.name}, which is not there: ${remedy}`);
  }
}
