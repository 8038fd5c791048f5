import type { Class } from '@gesta/core';
import { plainToInstance } from 'class-transformer';
import { declaredClass, seenTypes } from './seen-types.js';

/**
 * Gives plain data its class: an object with the class's prototype and the data's fields. Where class-transformer's
 * `@Type` says what a field holds, plain objects in it become instances too, and texts become dates. No field comes from a
 * constructor, and values that have a class already are left as they are.
 * @throws {UnseenType} when class-transformer cannot make what the `@Type` of a field names
 */
export function classInstance<T extends object>(schema: Class<T>, data: object): T {
  const instance = Object.create(schema.prototype as object) as Record<string, unknown>;
  const types = seenTypes(plainToInstance, schema, data);
  for (const [field, value] of Object.entries(data)) {
    if (field === '__proto__' || field === 'constructor') continue; // data does not say of which class it is
    const declared = isPlain(value) ? declaredClass(schema, field) : undefined;
    instance[field] = types ? typed(types[field], value, declared) : value;
  }
  return instance as T;
}

/**
 * @param made what class-transformer made of the shape of the value
 * @param declared the class that TypeScript noted, for where class-transformer was told of none
 */
function typed(made: unknown, value: unknown, declared?: Class): unknown {
  if (Array.isArray(value)) return Array.isArray(made) ? value.map((element, n) => typed(made[n], element)) : value;
  if (typeof value === 'string') return made instanceof Date ? made : value;
  const nested = isPlain(value) ? (classOf(made) ?? declared) : undefined;
  return nested ? classInstance(nested, value as object) : value;
}

/** The class that something was made an instance of; `undefined` of a mere object. */
export function classOf(made: unknown): Class | undefined {
  if (typeof made !== 'object' || made === null || Array.isArray(made) || made instanceof Date || isPlain(made)) {
    return undefined;
  }
  return (Object.getPrototypeOf(made) as { constructor: Class }).constructor;
}

/** Whether it is a mere object, also one that `structuredClone` or another realm made. */
export function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
