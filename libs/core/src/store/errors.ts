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

/** The stream was deleted for ever, by the store's own means; nothing can be appended to it again. */
export class StreamTombstoned extends Error {
  override readonly name = 'StreamTombstoned';
  constructor(readonly streamId: string) {
    super(`${streamId} was tombstoned: its store never takes an event for it again`);
  }
}

/** An append is more than the store takes at once. Appending it again does not help: state less, or in several appends. */
export class AppendTooLarge extends Error {
  override readonly name = 'AppendTooLarge';
  constructor(
    readonly streamId: string,
    readonly bytes: number,
    readonly mostBytes: number,
    /** What says so, such as the name of the setting. */
    setting?: string,
  ) {
    super(
      `${streamId}: events of about ${bytes} bytes were to be appended at once, and the store takes ${mostBytes}${setting ? ` (${setting})` : ''}`,
    );
  }
}

/**
 * Of a stream the beginning is gone: it was truncated, or cut to a number or an age of events, and no snapshot goes as far.
 * What is left of it is no state to decide on.
 */
export class StreamIncomplete extends Error {
  override readonly name = 'StreamIncomplete';
  constructor(
    readonly streamId: string,
    /** The first revision that is left. */
    readonly first: number,
  ) {
    super(
      `${streamId} begins at revision ${first}: what was before it was removed, and no snapshot holds it. Take the truncation back ($tb, $maxCount or $maxAge in its metadata), restore its events, or delete the stream so that it begins again`,
    );
  }
}

/** A store does not answer, or refuses for reasons of its own (a full disk, a lock, a lost connection). The reason is the `cause`. */
export class StoreUnavailable extends Error {
  override readonly name = 'StoreUnavailable';
}

/** The log that was followed was put back to an older state, emptied or replaced under its reader. */
export class LogReplaced extends Error {
  override readonly name = 'LogReplaced';
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
