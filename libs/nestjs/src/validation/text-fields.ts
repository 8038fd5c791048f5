import type { Class } from '@gesta/core';
import {
  getMetadataStorage,
  IS_EMAIL,
  IS_ISO8601,
  IS_LENGTH,
  IS_STRING,
  IS_URL,
  IS_UUID,
  MATCHES,
  MAX_LENGTH,
  MIN_LENGTH,
} from 'class-validator';

/** Rules that nothing but a text keeps. */
const OF_TEXTS = new Set([
  IS_STRING,
  IS_UUID,
  IS_LENGTH,
  MIN_LENGTH,
  MAX_LENGTH,
  MATCHES,
  IS_EMAIL,
  IS_URL,
  IS_ISO8601,
]);

const found = new WeakMap<Class, ReadonlySet<string>>();

/**
 * The fields of the class that its rules want to be texts: what is said of them need not be asked for, since nothing else
 * that could be made of a text would keep the rule. Looked for once, when the first data of the class is checked.
 */
export function textFields(schema: Class): ReadonlySet<string> {
  let fields = found.get(schema);
  if (!fields) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(schema, '', true, false);
    fields = new Set(rules.filter(({ name }) => name && OF_TEXTS.has(name)).map(({ propertyName }) => propertyName));
    found.set(schema, fields);
  }
  return fields;
}
