import type { Class } from '@gesta/core';
import { plainToInstance } from 'class-transformer';
import { getMetadataStorage, ValidationTypes } from 'class-validator';
import { classOf } from './class-instance.js';
import { declaredClass, seenTypes, UnseenType } from './seen-types.js';

/**
 * What is said of nested rules that nobody would see, so that they would be kept by nothing: fields with
 * `@ValidateNested` for which class-transformer knows no class, because it was not told, or because another copy of it was.
 */
export function unseenRules(schemas: Iterable<Class>): string[] {
  const unseen: string[] = [];
  const looked = new Set<Class>();
  const waiting = [...schemas];
  for (let schema = waiting.pop(); schema; schema = waiting.pop()) {
    if (looked.has(schema)) continue;
    looked.add(schema);
    for (const field of nestedFields(schema)) {
      const nested = nestedClass(schema, field);
      if (typeof nested === 'string') unseen.push(nested);
      else waiting.push(nested);
    }
  }
  return unseen;
}

function nestedFields(schema: Class): ReadonlySet<string> {
  const rules = getMetadataStorage().getTargetValidationMetadatas(schema, '', true, false);
  const nested = rules.filter(({ type }) => type === ValidationTypes.NESTED_VALIDATION);
  return new Set(nested.map(({ propertyName }) => propertyName));
}

/** @returns the class, or why there is none */
function nestedClass(schema: Class, field: string): Class | string {
  try {
    const nested =
      classOf(seenTypes(plainToInstance, schema, { [field]: {} })?.[field]) ?? declaredClass(schema, field);
    if (nested) return nested;
  } catch (error) {
    if (!(error instanceof UnseenType)) throw error;
    return error.message;
  }
  return (
    `${schema.name}.${field} has @ValidateNested, but class-transformer knows no class for it, so that nothing in it would ` +
    `be checked: give it @Type(() => …). Where it has that, there are two copies of class-transformer in this application, ` +
    `of which the decorators speak to one and @gesta/nestjs asks the other: see that it is there once ` +
    `(npm ls class-transformer), and that a bundler takes it into the bundle everywhere or nowhere`
  );
}
