import type { Class } from '@gesta/core';

/**
 * The class, such that one hears what its methods return to whoever makes instances of it and calls them. What a method
 * calls on itself is its own affair and is not heard.
 */
export function observed(subject: Class, heard: (returned: unknown) => void): Class {
  return new Proxy(subject as new () => object, {
    construct: (target, args, newTarget) => listening(Reflect.construct(target, args, newTarget) as object, heard),
  });
}

function listening(instance: object, heard: (returned: unknown) => void): object {
  return new Proxy(instance, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== 'function') return value;
      return (...args: unknown[]) => {
        const returned: unknown = Reflect.apply(value, target, args);
        heard(returned);
        return returned;
      };
    },
    set: (target, property, value) => Reflect.set(target, property, value),
  });
}
