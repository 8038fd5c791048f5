import { type BsonDocument, isDocument, setField } from '../bson-document.js';
import type { Evaluate } from '../expression/compiler.js';
import type { Scope } from '../expression/scope.js';
import { MongoDBError } from '../mongodb-error.js';

/** What becomes of a field, or of the fields in it. */
export type Field =
  | { readonly kind: 'kept' }
  | { readonly kind: 'dropped' }
  | { readonly kind: 'computed'; readonly evaluate: Evaluate }
  /** Made of its own value, where it stands; `picked` is kept besides, where others are not. */
  | { readonly kind: 'transformed' | 'picked'; readonly transform: (value: unknown, scope: Scope) => unknown }
  | FieldTree;

/** What becomes of the fields of a document. */
export class FieldTree {
  readonly kind = 'tree';
  readonly #fields = new Map<string, Field>();
  /** Whether fields are made that need not be there. */
  #computes = false;

  /** @param keepsOthers whether fields that are not named are kept */
  constructor(readonly keepsOthers: boolean) {}

  /**
   * @throws {MongoDBError} 31249 or 31250 when the path, one above it or one below it was named before
   */
  set(path: readonly string[], field: Field): void {
    const [name, ...rest] = path as [string, ...string[]];
    const known = this.#fields.get(name);
    if (field.kind === 'computed') this.#computes = true;
    if (rest.length === 0) {
      if (known) throw new MongoDBError(31250, `Path collision at ${name}`);
      this.#fields.set(name, field);
      return;
    }
    if (known && known.kind !== 'tree') {
      throw new MongoDBError(31249, `Path collision at ${path.join('.')} remaining portion ${rest.join('.')}`);
    }
    const inner = known ?? new FieldTree(this.keepsOthers);
    if (!known) this.#fields.set(name, inner);
    inner.set(rest, field);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  /** The document with what becomes of its fields; new ones come last. */
  apply(document: BsonDocument, scope: Scope): BsonDocument {
    const result: BsonDocument = {};
    for (const name of Object.keys(document)) {
      const field = this.#fields.get(name);
      const value = document[name];
      const next = field ? this.#existing(field, value, scope) : this.keepsOthers ? value : undefined;
      if (next !== undefined) setField(result, name, next);
    }
    if (this.#computes) this.#append(result, document, scope);
    return result;
  }

  #existing(field: Field, value: unknown, scope: Scope): unknown {
    switch (field.kind) {
      case 'kept':
        return value;
      case 'dropped':
        return undefined;
      case 'computed':
        // Among fields that are picked out, computed ones are new: they come last.
        return this.keepsOthers ? field.evaluate(scope) : undefined;
      case 'transformed':
      case 'picked':
        return field.transform(value, scope);
      case 'tree':
        return field.#inside(value, scope);
    }
  }

  #inside(value: unknown, scope: Scope): unknown {
    if (Array.isArray(value)) {
      return value.map((element) => this.#inside(element, scope)).filter((element) => element !== undefined);
    }
    if (isDocument(value)) return this.apply(value, scope);
    if (this.#computes) return this.apply({}, scope);
    return this.keepsOthers ? value : undefined;
  }

  #append(result: BsonDocument, document: BsonDocument, scope: Scope): void {
    for (const [name, field] of this.#fields) {
      if (field.kind === 'computed') {
        if (this.keepsOthers && Object.hasOwn(document, name)) continue;
        const value = field.evaluate(scope);
        if (value !== undefined) setField(result, name, value);
      } else if (field.kind === 'tree' && field.#computes && !Object.hasOwn(document, name)) {
        setField(result, name, field.apply({}, scope));
      }
    }
  }
}
