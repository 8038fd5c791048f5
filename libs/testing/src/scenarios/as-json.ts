import { toJson } from '@gesta/core';

/**
 * The value after a real trip through JSON: what code meets in production, and nothing that is shared with the test.
 * @throws {NotJson} when JSON cannot hold it
 */
export function asJson<T>(value: T): T {
  return JSON.parse(JSON.stringify(toJson(value))) as T;
}
