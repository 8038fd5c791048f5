import { aggregateDefinition, DefinitionError, type AggregateDefinition, type Class } from '@gesta/core';
import { AggregateRoot } from '@nestjs/cqrs';
import { generatedHandlers, type GeneratedHandler } from '../commands/generated-handler.js';

/** An aggregate, or how one is event-sourced: what `GestaModule.forFeature` takes. */
export type FeatureAggregate = Class | AggregateDefinition;

/** One aggregate as a module listed it. */
export class Feature {
  readonly handlers: readonly GeneratedHandler[];

  private constructor(
    private readonly source: FeatureAggregate,
    readonly definition: AggregateDefinition,
  ) {
    this.handlers = generatedHandlers(definition);
  }

  /** @throws {DefinitionError} when it is no aggregate */
  static of(aggregate: FeatureAggregate): Feature {
    if (typeof aggregate !== 'function') return new Feature(aggregate, aggregate);
    if (aggregate.prototype instanceof AggregateRoot) {
      throw new DefinitionError(
        `${aggregate.name} is an AggregateRoot of @nestjs/cqrs: give forFeature eventSourced(${aggregate.name}, { category, create, events })`,
      );
    }
    return new Feature(aggregate, aggregateDefinition(aggregate));
  }

  /** Whether the other one is the same aggregate, listed by another module. */
  isSameAs({ source }: Feature): boolean {
    return this.source === source;
  }
}
