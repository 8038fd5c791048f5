import type { Class } from '@gesta/core';
import type { ClassConstructor, plainToInstance } from 'class-transformer';
import { textFields } from './text-fields.js';

/** What `@Type` names for a field cannot be made, so that nothing in the field could be checked. */
export class UnseenType extends Error {
  override readonly name = 'UnseenType';
  constructor(schema: Class, field: string, cause: unknown) {
    super(
      `What @Type or @Transform says of ${schema.name}.${field} fails: '${cause instanceof Error ? cause.message : String(cause)}'; ` +
        'class-transformer calls constructors without arguments, so let this one do without',
      { cause },
    );
  }
}

/** Fields that mean something to JavaScript, by which no class is told from another. */
const MEANINGFUL = new Set(['__proto__', 'constructor', 'prototype', 'then', 'toString', 'valueOf', 'toJSON']);

/**
 * What class-transformer makes of each field of the class, given the shape of the data: where it makes instances, those
 * are of the classes that the data is to be checked as. Which these are is only known to class-transformer itself, and
 * asking it is the only way that goes by the very copy that the application's decorators speak to, bundled or not.
 * @returns `undefined` where there is nothing of which it could make anything
 * @throws {UnseenType}
 */
export function seenTypes(
  transform: typeof plainToInstance,
  schema: Class,
  data: object,
): Readonly<Record<string, unknown>> | undefined {
  const shapes = Object.entries(data)
    .filter(([field]) => !MEANINGFUL.has(field))
    .map(([field, value]) => [field, shapeOf(value)] as const);
  const texts = textFields(schema);
  const asked = ([field, shape]: readonly [string, unknown]) =>
    typeof shape === 'object' || (typeof shape === 'string' && !texts.has(field));
  if (!shapes.some(asked)) return undefined;
  const probe = probeOf(schema);
  const made = (fields: object) =>
    transform(probe, fields, { ignoreDecorators: true }) as unknown as Record<string, unknown>;
  try {
    return made(Object.fromEntries(shapes));
  } catch {
    const each = shapes.map(([field, shape]) => {
      try {
        return [field, made({ [field]: shape })[field]] as const;
      } catch (error) {
        if (typeof shape !== 'object') return [field, undefined] as const; // there is no class in it
        const declared = declaredClass(schema, field);
        if (!declared || Array.isArray(shape)) throw new UnseenType(schema, field, error);
        return [field, Object.create(declared.prototype as object) as unknown] as const;
      }
    });
    return Object.fromEntries(each);
  }
}

/** The class that TypeScript noted for the field, where it is one of the application's and not one of JavaScript's. */
export function declaredClass(schema: Class, field: string): Class | undefined {
  const declared = Reflect.getMetadata('design:type', schema.prototype as object, field) as unknown;
  if (typeof declared !== 'function') return undefined;
  return (globalThis as Record<string, unknown>)[declared.name] === declared ? undefined : (declared as Class);
}

const probes = new WeakMap<Class, ClassConstructor<object>>();

/**
 * A class that has what is said of the other one's fields, and whose constructor does nothing. One for each class, since
 * class-transformer remembers for ever which classes it was asked about.
 */
function probeOf(schema: Class): ClassConstructor<object> {
  let probe = probes.get(schema);
  if (!probe) probes.set(schema, (probe = madeProbe(schema)));
  return probe;
}

function madeProbe(schema: Class): ClassConstructor<object> {
  function Probe() {}
  Object.setPrototypeOf(Probe, schema);
  Probe.prototype = Object.create(schema.prototype as object, { constructor: { value: Probe } }) as object;
  return Probe as unknown as ClassConstructor<object>;
}

/** The value without what is deeper in it, and without what class-transformer would call or copy. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value ?? '';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) return ''; // it has its class
  const flat = Object.entries(value).filter(([field, held]) => typeof held !== 'object' && !MEANINGFUL.has(field));
  return Object.fromEntries(flat.filter(([, held]) => typeof held !== 'function'));
}
