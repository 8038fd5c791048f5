import { invalidArgument } from '../server/rpc-error.js';
import { revisionOf } from '../server/revision-number.js';
import type { ExpectedRevision } from '../log/log-event.js';

/** The options of a write, as far as they say what the stream has to be like. */
interface WithExpectation {
  hasNoStream(): boolean;
  hasAny(): boolean;
  hasStreamExists(): boolean;
}

/**
 * @param revision the exact revision, where the options have one
 * @throws {RpcError} when the options say nothing, or the revision is none
 */
export function expectedRevision(options: WithExpectation, revision: string | undefined): ExpectedRevision {
  if (revision !== undefined) return revisionOf(revision) ?? 'no-stream'; // -1 is both the end and no stream
  if (options.hasAny()) return 'any';
  if (options.hasNoStream()) return 'no-stream';
  if (options.hasStreamExists()) return 'stream-exists';
  throw invalidArgument('An expected stream revision is required');
}

/** The expectation as the protocol counts it. @param asked the exact revision, in all its digits */
export function versionNumber(expected: ExpectedRevision, asked: string | undefined): string {
  switch (expected) {
    case 'any':
      return '-2';
    case 'no-stream':
      return '-1';
    case 'stream-exists':
      return '-4';
    default:
      return asked ?? String(expected);
  }
}
