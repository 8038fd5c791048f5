import { ValidationFailed, type Class, type Validator } from '@gesta/core';
import { getMetadataStorage, validate } from 'class-validator';
import { classInstance } from './class-instance.js';
import { violationsOf } from './violations.js';

/**
 * Checks events and commands by the class-validator rules of their classes, nested ones where `@ValidateNested` and
 * class-transformer's `@Type` say so. Fields without rules are let through: what a class does not speak of may be there.
 * A class without any rule is noticed once and costs nothing after that.
 */
export function classValidatorValidator(): Validator {
  const withRules = new WeakMap<Class, boolean>();
  return (schema, data) => {
    let hasRules = withRules.get(schema);
    if (hasRules === undefined) withRules.set(schema, (hasRules = rulesOf(schema).length > 0));
    return hasRules ? check(schema, data) : undefined;
  };
}

function rulesOf(schema: Class) {
  return getMetadataStorage().getTargetValidationMetadatas(schema, '', false, false);
}

async function check(schema: Class, data: object): Promise<void> {
  const errors = await validate(classInstance(schema, data), {
    forbidUnknownValues: false,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw new ValidationFailed(schema.name, violationsOf(errors));
}
