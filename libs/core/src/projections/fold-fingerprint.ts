import { createHash } from 'node:crypto';
import type { Class } from '../events/class.js';
import type { EventRegistry } from '../events/event-registry.js';

/** What a projection's documents were made by, as far as it can be told without running it. */
export interface FoldedBy {
  /** Changes with the class, its parents, and what its events are lifted by; not with comments or layout. */
  readonly fingerprint: string;
  /** The events that it handles. */
  readonly types: readonly string[];
}

/** @param folds the methods, by the types of events that they fold */
export function foldedBy(
  projectionClass: Class,
  folds: ReadonlyMap<string, string>,
  registry: EventRegistry,
): FoldedBy {
  const types = [...folds.keys()].sort();
  const lifting = types.map((type) => [...registry.find(type)!.upcasters.values()].map((each) => plain(String(each))));
  const methods = types.map((type) => [type, folds.get(type)]);
  const made = JSON.stringify([plain(sourceOf(projectionClass)), methods, lifting]);
  return { fingerprint: createHash('sha256').update(made).digest('base64url'), types };
}

/**
 * What is different from what the documents were made by, in words; `undefined` where nothing is.
 * @param mixed whether they were also folded by what is different, before it was as it was again
 */
export function changedFold(made: FoldedBy & { readonly mixed?: boolean }, now: FoldedBy): string | undefined {
  const added = now.types.filter((type) => !made.types.includes(type));
  if (made.fingerprint === now.fingerprint && !made.mixed) return undefined;
  const what =
    added.length > 0
      ? `it handles ${added.join(', ')} now, of which its documents lack what was before`
      : made.fingerprint === now.fingerprint
        ? 'a part of its documents was folded by other code'
        : 'its fold is not the one that its documents were begun with';
  return `${what}: raise the version, or rebuild`;
}

/** What the class and its parents are made of. */
function sourceOf(projectionClass: Class): string {
  const parent = Object.getPrototypeOf(projectionClass) as Class;
  return (parent === Function.prototype ? '' : sourceOf(parent)) + String(projectionClass);
}

/** Without comments, and with the same layout whoever has set it. */
function plain(source: string): string {
  return source.replaceAll(/\/\*[^]*?\*\/|(?<!:)\/\/[^\n]*/g, '').replaceAll(/\s+/g, '');
}
