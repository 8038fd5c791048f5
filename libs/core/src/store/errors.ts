import type { ExpectedRevision } from './event-store.js';

/** The stream is not where its writer believed it to be. */
export class WrongExpectedRevision extends Error {
  override readonly name = 'WrongExpectedRevision';
  constructor(
    readonly streamId: string,
    readonly expected: ExpectedRevision,
    /** The stream's last revision; `'no-stream'` where it has no events. */
    readonly actual: number | 'no-stream',
  ) {
    super(`${streamId} was expected at ${shown(expected)} but is at ${shown(actual)}`);
  }
}

const shown = (revision: ExpectedRevision) => (typeof revision === 'number' ? `revision ${revision}` : `'${revision}'`);

/** A store does not answer, or refuses for reasons of its own (a full disk, a lock, a lost connection). The reason is the `cause`. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/**
 * A document store will never take a document as it is: it is too large, or breaks a rule of the collection such as a
 * unique index. Putting it again does not help before the document or the rule has changed. What the store said is the
 * `cause`.
 */
export class DocumentRefused extends Error {
  override readonly name = 'DocumentRefused';
  constructor(
    readonly key: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** A query holds an operator that this store cannot run, or none may run. */
export class UnsupportedOperator extends Error {
  override readonly name = 'UnsupportedOperator';
  constructor(
    readonly operator: string,
    reason = 'it is not supported in read-model queries',
  ) {
    super(`${operator}: ${reason}`);
  }
}
