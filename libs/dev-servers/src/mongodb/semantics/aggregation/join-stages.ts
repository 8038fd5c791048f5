import { Long } from 'bson';
import { type BsonDocument, isDocument } from '../bson-document.js';
import { stageFields, wholeNumber } from '../expression/arguments.js';
import { valueAt, type Evaluate } from '../expression/compiler.js';
import { checkedName } from '../expression/control-operators.js';
import { bind, scopeOf } from '../expression/scope.js';
import { keyOf } from '../expression/set-operators.js';
import { keyValues } from '../index-keys.js';
import { MongoDBError } from '../mongodb-error.js';
import { outputPath, withValueAt } from './paths.js';
import type { CompileStage, Stage, StageCompiler, Surroundings } from './stage.js';
import { filtering } from './stream-stages.js';

/** The stages that read other collections. */
export const joinStages: Record<string, CompileStage> = {
  $lookup: (operand, compiler, name) => {
    const fields = stageFields(operand, name, ['as'], ['from', 'localField', 'foreignField', 'let', 'pipeline'], 9);
    const { localField, foreignField, pipeline } = fields;
    if ((localField === undefined) !== (foreignField === undefined)) {
      throw new MongoDBError(
        'FailedToParse',
        '$lookup requires both or neither of localField and foreignField to be specified',
      );
    }
    if (localField === undefined && pipeline === undefined) {
      throw new MongoDBError(
        'FailedToParse',
        '$lookup requires either pipeline or both localField and foreignField to be specified',
      );
    }
    const as = outputPath(fields['as'], name);
    const foreign = foreignDocuments(fields['from'], pipeline, compiler, name);
    const variables = compileLet(fields['let'], compiler);
    const run =
      pipeline === undefined ? undefined : compiler.with(...variables.map(([each]) => each)).pipeline(pipeline, name);
    const local = localField === undefined ? undefined : outputPath(localField, name);
    const foreignPath = foreignField === undefined ? undefined : outputPath(foreignField, name).join('.');
    return function* (input, around) {
      const documents = [...foreign()];
      const equal = local && new EqualityIndex(documents, foreignPath!);
      // Without variables, a pipeline over the whole collection is the same for all documents.
      const same = run && !equal && variables.length === 0 ? [...run(documents, around)] : undefined;
      for (const document of input) {
        const candidates = equal ? equal.find(wantedBy(document, local)) : documents;
        const scope = scopeOf(document, around);
        const inner: Surroundings = variables.reduce((outer, [each, value]) => bind(outer, each, value(scope)), scope);
        yield withValueAt(document, as, same ?? (run ? [...run(candidates, inner)] : candidates));
      }
    };
  },
  $unionWith: (operand, compiler, name) => {
    const { coll, pipeline } =
      typeof operand === 'string' ? { coll: operand } : stageFields(operand, name, [], ['coll', 'pipeline'], 9);
    if (coll === undefined && pipeline === undefined) {
      throw new MongoDBError('FailedToParse', "$unionWith requires 'coll' or 'pipeline'");
    }
    const documents = foreignDocuments(coll, pipeline, compiler, name);
    const run: Stage = pipeline === undefined ? (input) => input : compiler.pipeline(pipeline, name);
    return function* (input, around) {
      yield* input;
      yield* run(documents(), around);
    };
  },
  $graphLookup: (operand, compiler, name) => {
    const required = ['from', 'startWith', 'connectFromField', 'connectToField', 'as'];
    const fields = stageFields(operand, name, required, ['maxDepth', 'depthField', 'restrictSearchWithMatch'], 40327);
    const search = {
      startWith: compiler.expressions.compile(fields['startWith']),
      from: outputPath(fields['connectFromField'], name),
      to: outputPath(fields['connectToField'], name).join('.'),
      as: outputPath(fields['as'], name),
      depthField: fields['depthField'] === undefined ? undefined : outputPath(fields['depthField'], name),
      maxDepth: maxDepth(fields['maxDepth']),
    };
    const documents = foreignDocuments(fields['from'], undefined, compiler, name);
    const restriction = fields['restrictSearchWithMatch'];
    const restrict: Stage = isDocument(restriction) ? filtering(restriction, compiler.expressions) : (input) => input;
    return function* (input, around) {
      const equal = new EqualityIndex([...restrict(documents(), around)], search.to);
      for (const document of input) yield withValueAt(document, search.as, connected(document, search, equal, around));
    };
  },
};

/** The documents joined with: those of a collection, or those that the pipeline begins with. */
function foreignDocuments(
  from: unknown,
  pipeline: unknown,
  compiler: StageCompiler,
  stage: string,
): () => Iterable<BsonDocument> {
  const [first] = Array.isArray(pipeline) ? (pipeline as unknown[]) : [];
  if (from === undefined && isDocument(first) && Object.hasOwn(first, '$documents')) return () => [];
  if (typeof from !== 'string') {
    throw new MongoDBError(
      'FailedToParse',
      `${stage} argument 'from' must be the name of a collection of the database`,
    );
  }
  compiler.reads(from);
  return () => compiler.collection(from);
}

function compileLet(definitions: unknown, compiler: StageCompiler): readonly (readonly [string, Evaluate])[] {
  if (definitions === undefined) return [];
  if (!isDocument(definitions)) throw new MongoDBError('FailedToParse', "$lookup argument 'let' must be an object");
  return Object.entries(definitions).map(
    ([name, value]) => [checkedName(name), compiler.expressions.compile(value)] as const,
  );
}

/** What a local field is matched by: each element of an array by itself, null when it is missing. */
function localValues(document: BsonDocument, path: readonly string[]): unknown[] {
  const value = valueAt(document, path);
  return Array.isArray(value) ? value : [value ?? null];
}

/** What a document is joined by: its local values; an empty array wants what is null or missing. */
function wantedBy(document: BsonDocument, path: readonly string[]): unknown[] {
  const values = localValues(document, path);
  return values.length === 0 ? [null] : values;
}

/** Documents found by the values that a path leads to, as an equality in a filter finds them. */
class EqualityIndex {
  readonly #positions = new Map<string, Set<number>>();

  constructor(
    private readonly documents: readonly BsonDocument[],
    path: string,
  ) {
    for (const [position, document] of documents.entries()) {
      for (const [value] of keyValues(document, [path])) if (value !== undefined) this.#add(value, position);
      const whole = valueAt(document, path.split('.'));
      if (Array.isArray(whole)) this.#add(whole, position);
    }
  }

  #add(value: unknown, position: number): void {
    const key = keyOf(value ?? null);
    const positions = this.#positions.get(key);
    if (positions) positions.add(position);
    else this.#positions.set(key, new Set([position]));
  }

  /** In the order of the collection, each once. */
  find(values: readonly unknown[]): BsonDocument[] {
    return this.positions(values).map((position) => this.documents[position]!);
  }

  positions(values: readonly unknown[]): number[] {
    const [first, ...others] = values.map((value) => this.#positions.get(keyOf(value ?? null)));
    if (others.length === 0) return first ? [...first] : [];
    const all = new Set<number>();
    for (const positions of [first, ...others]) for (const position of positions ?? []) all.add(position);
    return [...all].sort((a, b) => a - b);
  }

  at(position: number): BsonDocument {
    return this.documents[position]!;
  }
}

interface GraphSearch {
  readonly startWith: Evaluate;
  readonly from: readonly string[];
  readonly depthField: readonly string[] | undefined;
  readonly maxDepth: number;
}

function maxDepth(value: unknown): number {
  if (value === undefined) return Infinity;
  const depth = wholeNumber(value, () => new MongoDBError(40100, 'maxDepth must be numeric'));
  if (depth < 0) throw new MongoDBError(40101, 'maxDepth requires a nonnegative argument');
  return depth;
}

/** Breadth first; each document once, at the least depth. */
function connected(
  document: BsonDocument,
  { startWith, from, depthField, maxDepth: deepest }: GraphSearch,
  equal: EqualityIndex,
  around: Surroundings,
): BsonDocument[] {
  const found = new Map<number, BsonDocument>();
  const start = startWith(scopeOf(document, around));
  let frontier = Array.isArray(start) ? start : [start ?? null];
  for (let depth = 0; depth <= deepest && frontier.length > 0; depth += 1) {
    const next: unknown[] = [];
    for (const position of equal.positions(frontier)) {
      if (found.has(position)) continue;
      const each = equal.at(position);
      found.set(position, depthField ? withValueAt(each, depthField, Long.fromNumber(depth)) : each);
      next.push(...localValues(each, from));
    }
    frontier = next;
  }
  return [...found.values()];
}
