import type { JsonObject, JsonValue } from '@gesta/core';
import { originalText, storedName, storedText } from './escaped-text.js';

/** JSON on its way into BSON. */
export interface StoredValue<T> {
  readonly value: T;
  /** Whether names or texts in it are escaped. */
  readonly escaped: boolean;
  /** At most so many bytes does it take as BSON. */
  readonly bytes: number;
}

/** The fields of a body as they stand at the top of a stored document. What needs no change is not copied. */
export function storedFields(body: JsonObject): StoredValue<JsonObject> {
  const writing = new Writing();
  const value = writing.object(body, true) as JsonObject;
  return { value, escaped: writing.escaped, bytes: writing.bytes };
}

/** A value that a filter compares with, as it stands inside of stored documents. */
export function storedOperand(operand: unknown): unknown {
  return new Writing().value(operand as JsonValue);
}

/** The body whose {@link storedFields} these are. */
export function originalFields(fields: JsonObject): JsonObject {
  return original(fields) as JsonObject;
}

/** One walk through a value. */
class Writing {
  escaped = false;
  bytes = 0;

  value(value: JsonValue | undefined): JsonValue | undefined {
    switch (typeof value) {
      case 'string':
        return this.text(value);
      case 'object':
        if (value === null) return value;
        return Array.isArray(value) ? this.array(value) : this.object(value, false);
      default:
        this.bytes += 8;
        return value;
    }
  }

  object(object: JsonObject, top: boolean): JsonObject {
    this.bytes += 5;
    let copy: [string, JsonValue | undefined][] | undefined;
    const names = Object.keys(object);
    for (let index = 0; index < names.length; index++) {
      const name = names[index]!;
      const stored = storedName(name, top);
      this.bytes += 2 + bytesOf(stored);
      const before = object[name];
      const after = this.value(before);
      if (stored !== name) this.escaped = true;
      if (!copy && (stored !== name || after !== before)) {
        copy = names.slice(0, index).map((earlier) => [earlier, object[earlier]]);
      }
      copy?.push([stored, after]);
    }
    return copy ? (Object.fromEntries(copy) as JsonObject) : object;
  }

  private array(array: JsonValue[]): JsonValue[] {
    this.bytes += 5;
    let copy: JsonValue[] | undefined;
    for (let index = 0; index < array.length; index++) {
      this.bytes += 10; // elements are fields with numbers for names
      const before = array[index]!;
      const after = this.value(before)!;
      if (!copy && after !== before) copy = array.slice(0, index);
      copy?.push(after);
    }
    return copy ?? array;
  }

  private text(text: string): string {
    const stored = storedText(text);
    this.bytes += 5 + bytesOf(stored);
    if (stored !== text) this.escaped = true;
    return stored;
  }
}

/** At most so many bytes does the text take in UTF-8. */
const bytesOf = (text: string) => 3 * text.length;

function original(value: JsonValue | undefined): JsonValue | undefined {
  if (typeof value === 'string') return originalText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((element) => original(element)!);
  // `fromEntries` defines the fields, so that one named `__proto__` is a field like any other.
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [originalText(name), original(each)]));
}
