import { declaredFields, type Class } from '@gesta/core';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import { classOf } from './class-instance.js';
import { declaredClass, seenTypes, UnseenType } from './seen-types.js';

/**
 * What JSON has words for, as TypeScript notes it of a field; `Object` is noted of unions, interfaces and the like, and
 * `Function` of a class that was imported as a type only, which is as good as any.
 */
const AS_JSON = new Set<unknown>([String, Number, Boolean, Object, Array, Function, undefined]);
const INSTEAD: Readonly<Record<string, string>> = {
  Date: 'a text: declare a string (ISO 8601) and make the Date where you need it',
  BigInt: 'nothing that JSON can hold: declare a string',
  Map: 'nothing that JSON can hold: declare an object, or an array of pairs',
  Set: 'nothing that JSON can hold: declare an array',
  Buffer: 'an object of numbers: declare a string (base64)',
};

/**
 * What is another thing in the log than its class says, and so in folds, which get what is in the log: fields that are no
 * JSON (a `Date`, a `Map`, a `bigint`, a `Buffer`) and methods and accessors, also of what is nested. It is told from what
 * compilers, class-transformer and class-validator know of the classes; what has no decorator nobody knows of.
 * @param classes of events that are folded and of commands that travel
 * @param others whose own methods are there where they are read: only what is in their fields is looked at
 * @returns a sentence for each, with the field's path and what to do
 */
export function unlikeJson(classes: Iterable<Class>, others: Iterable<Class> = []): string[] {
  const found = new Set<string>();
  for (const each of classes) lookInto(each, each.name, [], true, found);
  for (const each of others) lookInto(each, each.name, [], false, found);
  return [...found];
}

function lookInto(of: Class, path: string, within: readonly Class[], methods: boolean, found: Set<string>): void {
  if (within.includes(of)) return;
  const method = methods ? methodOf(of) : undefined;
  if (method !== undefined) {
    found.add(
      `${path} has ${method}, and what is folded is the JSON of the log, which has none: make it a function that takes ${
        within.length > 0 ? `the ${of.name}` : 'the event'
      }`,
    );
  }
  for (const [field, { parameter }] of fieldsOf(of)) {
    const declared = typeOf(of, field, parameter);
    if (declared === undefined) continue;
    if (isOfTheLanguage(declared)) {
      const { name } = declared as { name: string };
      found.add(
        `${path}.${field} is a ${name} in the class, but in the log and in folds it is ${INSTEAD[name] ?? 'not: declare what JSON can hold'}`,
      );
    } else {
      lookInto(declared as Class, `${path}.${field}`, [...within, of], true, found);
    }
  }
}

function methodOf(of: Class): string | undefined {
  let prototype = of.prototype as object | null;
  for (; prototype && Object.getPrototypeOf(prototype); prototype = Object.getPrototypeOf(prototype) as object | null) {
    for (const [name, { get, set }] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
      if (name !== 'constructor') return get || set ? `the accessor ${name}` : `the method ${name}()`;
    }
  }
  return undefined;
}

/** Those that rules speak of, those in the class's source, and those that making one sets. */
function fieldsOf(of: Class): ReadonlyMap<string, { readonly parameter?: number }> {
  const fields = new Map(declaredFields(of));
  const rules = getMetadataStorage().getTargetValidationMetadatas(of, '', true, false);
  for (const { propertyName } of rules) if (!fields.has(propertyName)) fields.set(propertyName, {});
  for (const name of Object.getOwnPropertyNames(of.prototype as object)) fields.delete(name);
  return fields;
}

/** What a field holds, where it is one of the language's classes that is no JSON, or one of the application's. */
function typeOf(of: Class, field: string, parameter: number | undefined): unknown {
  const noted = notedType(of, field, parameter);
  if (noted !== undefined && !AS_JSON.has(noted)) return noted;
  const rules = getMetadataStorage()
    .getTargetValidationMetadatas(of, '', true, false)
    .filter(({ propertyName }) => propertyName === field);
  if (rules.some(({ name }) => name === 'isDate')) return Date;
  const instance = rules.find(({ name }) => name === 'isInstance')?.constraints?.[0] as unknown;
  if (typeof instance === 'function') return instance;
  try {
    const ofText = seenTypes(plainToInstance, of, { [field]: '' })?.[field];
    if (ofText instanceof Date) return Date;
    if (ofText instanceof Uint8Array) return Buffer;
    const ofObject = seenTypes(plainToInstance, of, { [field]: {} })?.[field];
    if (ofObject instanceof Map) return Map;
    if (ofObject instanceof Set) return Set;
    return classOf(ofObject) ?? declaredClass(of, field);
  } catch (error) {
    if (error instanceof UnseenType) return undefined; // what has rules is told of with them
    throw error;
  }
}

function notedType(of: Class, field: string, parameter: number | undefined): unknown {
  const own = Reflect.getMetadata('design:type', of.prototype as object, field) as unknown;
  if (own !== undefined || parameter === undefined) return own;
  return (Reflect.getMetadata('design:paramtypes', of) as unknown[] | undefined)?.[parameter];
}

function isOfTheLanguage(type: unknown): boolean {
  return typeof type === 'function' && (type === Buffer || (globalThis as Record<string, unknown>)[type.name] === type);
}
