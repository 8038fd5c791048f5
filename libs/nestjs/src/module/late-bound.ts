import type { Class } from '@gesta/core';
import { MetadataScanner } from '@nestjs/core';

/**
 * Stands in for a provider that Nest has not made yet: an object with the class's methods, each of which finds its
 * instance when it is first called.
 */
export function lateBound(providerClass: Class, instance: () => object): object {
  type Methods = Record<string, (...args: unknown[]) => unknown>;
  const methods: Methods = {};
  for (const name of new MetadataScanner().getAllMethodNames(providerClass.prototype as object)) {
    methods[name] = (...args) => {
      const real = instance() as Methods;
      const method = real[name]!.bind(real);
      methods[name] = method;
      return method(...args);
    };
  }
  return methods;
}
