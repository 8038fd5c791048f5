import type { BsonDocument } from '../bson-document.js';

/** What an expression sees while it is evaluated. */
export interface Scope {
  /** `$$ROOT` */
  readonly root: unknown;
  /** `$$CURRENT`: what field paths begin at. */
  readonly current: unknown;
  /** `$$NOW`, the same throughout an operation. */
  readonly now: Date;
  /** The variables bound around the expression, the innermost first. */
  readonly bindings: Binding | undefined;
}

interface Binding {
  readonly name: string;
  readonly value: unknown;
  readonly outer: Binding | undefined;
}

/** The scope in which one more variable is bound. */
export function bind(scope: Scope, name: string, value: unknown): Scope {
  const current = name === 'CURRENT' ? value : scope.current;
  return { root: scope.root, current, now: scope.now, bindings: { name, value, outer: scope.bindings } };
}

/** The value of a bound variable. */
export function variable(scope: Scope, name: string): unknown {
  let binding = scope.bindings;
  while (binding && binding.name !== name) binding = binding.outer;
  return binding?.value;
}

/** The scope of a whole document. */
export function scopeOf(document: BsonDocument, around: Pick<Scope, 'now' | 'bindings'>): Scope {
  return { root: document, current: document, now: around.now, bindings: around.bindings };
}
