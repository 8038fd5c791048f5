import type { Class } from '@gesta/core';
import type { TypeMetadata } from 'class-transformer';
import { defaultMetadataStorage } from 'class-transformer/cjs/storage.js';

/**
 * Gives plain data its class: an object with the class's prototype and the data's fields. Where class-transformer's
 * `@Type` says what a field holds, plain objects in it become instances too, and texts become dates. Constructors are
 * not called, and values that have a class already are left as they are.
 */
export function classInstance<T extends object>(schema: Class<T>, data: object): T {
  const instance = Object.create(schema.prototype as object) as Record<string, unknown>;
  for (const [field, value] of Object.entries(data)) {
    if (field === '__proto__' || field === 'constructor') continue; // data does not say of which class it is
    const type = typeof value === 'object' || typeof value === 'string' ? typeOf(schema, field) : undefined;
    instance[field] = type ? typed(type, value, instance) : value;
  }
  return instance as T;
}

function typeOf(schema: Class, field: string): TypeMetadata | undefined {
  return defaultMetadataStorage.findTypeMetadata(schema, field);
}

function typed(type: TypeMetadata, value: unknown, owner: object): unknown {
  if (Array.isArray(value)) return value.map((element) => typed(type, element, owner));
  const nested = type.typeFunction({
    newObject: owner,
    object: owner as never,
    property: type.propertyName,
  }) as unknown;
  if (nested === Date) return typeof value === 'string' ? new Date(value) : value;
  if (typeof nested !== 'function' || !isPlain(value)) return value;
  return classInstance(subtype(type, value) ?? (nested as Class), value);
}

/** The class that the discriminator in the data names. */
function subtype({ options }: TypeMetadata, value: Record<string, unknown>): Class | undefined {
  const discriminator = options?.discriminator;
  return discriminator?.subTypes.find(({ name }) => name === value[discriminator.property])?.value;
}

/** Whether it is a mere object, also one that `structuredClone` or another realm made. */
function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
