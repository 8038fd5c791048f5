import { type BsonDocument, isDocument, setField } from '../bson-document.js';
import { fieldPath } from '../field-path.js';
import { own } from '../filter/walk.js';
import { MongoDBError } from '../mongodb-error.js';
import { type Scope, variable } from './scope.js';

/** An expression made ready: its value for a scope, `undefined` when it is missing. */
export type Evaluate = (scope: Scope) => unknown;

/** Makes one operator ready from what stands beside its name. */
export type Operator = (operand: unknown, compiler: Compiler, name: string) => Evaluate;

/** The expression language without its operators: field paths, variables, literals, arrays and documents of expressions. */
export class Compiler {
  readonly #operators: ReadonlyMap<string, Operator>;
  readonly #variables: ReadonlySet<string>;

  constructor(operators: ReadonlyMap<string, Operator>, variables: Iterable<string>) {
    this.#operators = operators;
    this.#variables = new Set(variables);
  }

  /** A compiler of expressions in which more variables are bound. */
  with(...variables: readonly string[]): Compiler {
    return new Compiler(this.#operators, [...this.#variables, ...variables]);
  }

  /**
   * @throws {MongoDBError} 168 for an operator that is not known, 17276 for a variable that is not bound, and what the
   * operators find wrong with their arguments
   */
  compile(expression: unknown): Evaluate {
    if (typeof expression === 'string')
      return expression.startsWith('$') ? this.#reference(expression) : constant(expression);
    if (Array.isArray(expression)) {
      const items = expression.map((each) => this.compile(each));
      return (scope) => items.map((item) => item(scope) ?? null);
    }
    return isDocument(expression) ? this.#document(expression) : constant(expression);
  }

  #document(expression: BsonDocument): Evaluate {
    const names = Object.keys(expression);
    const operator = names.find((name) => name.startsWith('$'));
    if (operator === undefined) return this.object(expression);
    if (names.length > 1) {
      throw new MongoDBError(
        15983,
        `An object representing an expression must have exactly one field: { ${names.join(', ')} }`,
      );
    }
    const known = this.#operators.get(operator);
    if (!known) throw new MongoDBError('InvalidPipelineOperator', `Unrecognized expression '${operator}'`);
    return known(expression[operator], this, operator);
  }

  /** A document whose fields are expressions; fields whose values are missing are left out. */
  object(expression: BsonDocument): Evaluate {
    const fields = Object.entries(expression).map(([name, each]) => {
      if (name.includes('.')) {
        throw new MongoDBError(
          16412,
          `FieldPath field names may not contain '.'. Consider using $getField or $setField.`,
        );
      }
      return [name, this.compile(each)] as const;
    });
    return (scope) => {
      const result: BsonDocument = {};
      for (const [name, evaluate] of fields) {
        const value = evaluate(scope);
        if (value !== undefined) setField(result, name, value);
      }
      return result;
    };
  }

  #reference(text: string): Evaluate {
    if (!text.startsWith('$$')) return fieldOf(text.slice(1));
    const [name = '', ...path] = text.slice(2).split('.');
    if (name === '') throw new MongoDBError('FailedToParse', 'empty variable names are not allowed');
    const read = this.#variable(name);
    return path.length === 0 ? read : (scope) => valueAt(read(scope), path);
  }

  #variable(name: string): Evaluate {
    if (this.#variables.has(name)) return (scope) => variable(scope, name);
    switch (name) {
      case 'ROOT':
        return (scope) => scope.root;
      case 'CURRENT':
        return (scope) => scope.current;
      case 'NOW':
        return (scope) => scope.now;
      case 'REMOVE':
        return () => undefined;
      case 'DESCEND':
      case 'PRUNE':
      case 'KEEP':
        return constant(name.toLowerCase());
    }
    throw new MongoDBError(17276, `Use of undefined variable: ${name}`);
  }
}

const constant =
  (value: unknown): Evaluate =>
  () =>
    value;

function fieldOf(path: string): Evaluate {
  if (path === '') throw new MongoDBError(16872, "'$' by itself is not a valid FieldPath");
  const names = fieldPath(path);
  return (scope) => valueAt(scope.current, names);
}

/**
 * What an expression's path leads to: of an array, what it leads to in its documents, as an array. Numbers in a path are
 * names, never positions.
 */
export function valueAt(value: unknown, path: readonly string[], at = 0): unknown {
  let current = value;
  for (let next = at; next < path.length; next += 1) {
    if (Array.isArray(current)) return valuesIn(current, path, next);
    if (!isDocument(current)) return undefined;
    current = own(current, path[next]!);
  }
  return current;
}

function valuesIn(array: readonly unknown[], path: readonly string[], at: number): unknown[] {
  const values: unknown[] = [];
  for (const element of array) {
    const value = Array.isArray(element) ? valuesIn(element, path, at) : valueAt(element, path, at);
    if (value !== undefined) values.push(value);
  }
  return values;
}
