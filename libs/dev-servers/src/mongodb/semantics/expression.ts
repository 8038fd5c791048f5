import type { BsonDocument } from './bson-document.js';
import { isTruthy } from './expression/arguments.js';
import { Compiler } from './expression/compiler.js';
import { operators } from './expression/operators.js';
import { bind, type Scope, scopeOf } from './expression/scope.js';

/** What expressions may refer to besides the document. */
export interface ExpressionOptions {
  /** The values of variables: what a command's `let` defines. */
  readonly variables?: Readonly<Record<string, unknown>>;
  /** `$$NOW`; the same throughout a command. Now when not given. */
  readonly now?: Date;
}

/** The compiler and the scope that the options make. */
export function expressions(options: ExpressionOptions): { compiler: Compiler; scope: Scope } {
  const { variables = {}, now = new Date() } = options;
  const outermost: Scope = { root: undefined, current: undefined, now, bindings: undefined };
  const scope = Object.entries(variables).reduce((inner, [name, value]) => bind(inner, name, value), outermost);
  return { compiler: new Compiler(operators, Object.keys(variables)), scope };
}

/** An aggregation expression made ready to be evaluated for documents; `undefined` is what is missing. */
export function compileExpression(
  expression: unknown,
  options: ExpressionOptions = {},
): (document: BsonDocument) => unknown {
  const { compiler, scope } = expressions(options);
  const evaluate = compiler.compile(expression);
  return (document) => evaluate(scopeOf(document, scope));
}

/** The same for `$expr`, which asks only whether the value counts as true. */
export function compileCondition(
  expression: unknown,
  options: ExpressionOptions = {},
): (document: BsonDocument) => boolean {
  const evaluate = compileExpression(expression, options);
  return (document) => isTruthy(evaluate(document));
}

/**
 * The values of a command's `let`, whose expressions may refer to constants and to each other's earlier ones, not to
 * documents.
 */
export function letVariables(definitions: BsonDocument, now = new Date()): Record<string, unknown> {
  const variables: Record<string, unknown> = {};
  for (const [name, expression] of Object.entries(definitions)) {
    variables[name] = compileExpression(expression, { now })({});
  }
  return variables;
}
