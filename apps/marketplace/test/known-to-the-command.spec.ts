import 'reflect-metadata';
import { processDefinition, projectionDefinition, reactorDefinition, type Class } from '@gesta/core';
import { describe, expect, it } from '@jest/globals';
import { MarketplaceModule } from '../src/marketplace.module.js';

interface Configuration {
  readonly projections: readonly Class[];
  readonly processes: readonly Class[];
  readonly reactors: readonly Class[];
}

const providersOf = (module: object) => (Reflect.getMetadata('providers', module) ?? []) as unknown[];
const modules = (Reflect.getMetadata('imports', MarketplaceModule) as unknown[]).filter(
  (each) => typeof each === 'function',
);
const provided = modules.flatMap(providersOf).filter((each): each is Class => typeof each === 'function');

const isDefined = (define: () => unknown) => {
  try {
    define();
    return true;
  } catch {
    return false;
  }
};
const names = (classes: readonly Class[]) => classes.map(({ name }) => name).toSorted();

describe('gesta.config.js', () => {
  it.each([
    ['projections', (each: Class) => projectionDefinition(each, Object.create(each.prototype as object) as object)],
    ['processes', processDefinition],
    ['reactors', (each: Class) => reactorDefinition(each, Object.create(each.prototype as object) as object)],
  ] as const)(
    'names all %s of the marketplace: what it does not name, the command takes for remains',
    async (kind, define) => {
      const { default: config } = (await import('../../../gesta.config.js' as string)) as { default: Configuration };
      const running = provided.filter((each) => isDefined(() => define(each)));
      expect(running.length).toBeGreaterThan(0);
      expect(names(config[kind])).toEqual(names(running));
    },
  );
});
