import type { BsonDocument } from '../bson-document.js';
import type { Compiler } from '../expression/compiler.js';
import type { Scope } from '../expression/scope.js';

/** What surrounds the documents of a pipeline: the time, and the variables bound outside of it. */
export type Surroundings = Pick<Scope, 'now' | 'bindings'>;

/** Turns the documents that come in into those that go on. */
export type Stage = (input: Iterable<BsonDocument>, around: Surroundings) => Iterable<BsonDocument>;

/** Reads another collection of the database, from its beginning each time. */
export type ReadCollection = (name: string) => Iterable<BsonDocument>;

/** Makes stages ready, pipelines within them too. */
export interface StageCompiler {
  readonly expressions: Compiler;
  readonly collection: ReadCollection;
  /** A compiler of stages, and the expressions in them, that may use more variables. */
  with(...variables: readonly string[]): StageCompiler;
  /**
   * @param within the stage whose pipeline it is, which some stages may not be in
   */
  pipeline(stages: unknown, within: string): Stage;
  /** Tells that the pipeline reads the collection. */
  reads(name: string): void;
}

/** Makes a stage ready from what stands beside its name. */
export type CompileStage = (operand: unknown, compiler: StageCompiler, name: string) => Stage;
