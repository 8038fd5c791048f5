import { MongoDBError } from '../semantics/mongodb-error.js';
import { DuplicateKey } from '../storage/duplicate-key.js';
import type { Storage, Tables } from '../storage/storage.js';
import type { BsonDocument } from '../semantics/bson-document.js';

/** How long, in milliseconds, one transaction works at the statements of one command. */
const PORTION_MS = 8;

/** One statement of an insert, update or delete. */
export interface WriteStatement<T> {
  /** Does it inside a transaction. Throws a `MongoDBError` before anything is changed. */
  readonly apply: (tables: Tables) => T;
  /** Does it in transactions of its own, where there may be too much for one. */
  readonly applyInParts?: () => Promise<T>;
}

/** What became of the statements, in order; after the first failure of an ordered command there is nothing more. */
export type Outcomes<T> = (T | MongoDBError)[];

/**
 * Does the statements one after the other, each atomically, several in one transaction.
 * @param ordered whether the first that fails is the last that is tried
 * @param flushed whether to wait until the disk has it
 */
export async function runStatements<T>(
  storage: Storage,
  statements: readonly WriteStatement<T>[],
  ordered: boolean,
  flushed: boolean,
): Promise<Outcomes<T>> {
  const outcomes: Outcomes<T> = [];
  const stopped = () => ordered && outcomes.at(-1) instanceof MongoDBError;
  while (outcomes.length < statements.length && !stopped()) {
    const { applyInParts } = statements[outcomes.length]!;
    if (applyInParts) outcomes.push(await attempted(applyInParts));
    else outcomes.push(...(await storage.write((tables) => portion(tables, statements, outcomes.length, ordered))));
  }
  if (flushed) await storage.flush();
  return outcomes;
}

function portion<T>(
  tables: Tables,
  statements: readonly WriteStatement<T>[],
  start: number,
  ordered: boolean,
): Outcomes<T> {
  // prettier-ignore
  const outcomes: Outcomes<T> = [];
  const end = performance.now() + PORTION_MS;
  for (let at = start; at < statements.length && !statements[at]!.applyInParts; at++) {
    try {
      outcomes.push(statements[at]!.apply(tables));
    } catch (error) {
      if (!(error instanceof MongoDBError)) throw error;
      outcomes.push(error);
      if (ordered) break;
    }
    if (performance.now() > end) break;
  }
  return outcomes;
}

async function attempted<T>(apply: () => Promise<T>): Promise<T | MongoDBError> {
  try {
    return await apply();
  } catch (error) {
    if (error instanceof MongoDBError) return error;
    throw error;
  }
}

/** The `writeErrors` of a reply; undefined when there are none. */
export function writeErrors(outcomes: Outcomes<unknown>): BsonDocument[] | undefined {
  const errors = outcomes.flatMap((outcome, index) =>
    outcome instanceof MongoDBError ? [{ index, ...errorFields(outcome) }] : [],
  );
  return errors.length > 0 ? errors : undefined;
}

/** What a reply says of the failure of one statement. */
export function errorFields(error: MongoDBError): BsonDocument {
  const { code, message } = error;
  return {
    code,
    ...(error instanceof DuplicateKey && { keyPattern: error.keyPattern, keyValue: error.keyValue }),
    errmsg: message,
  };
}
